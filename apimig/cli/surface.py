"""``apimig surface``: the public surface of a release, and what changed between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from apimig.cli.waiting import waiting

if TYPE_CHECKING:
    from apimig.surface.changes import Change
    from apimig.surface.model import Surface


@click.command("surface")
@click.argument("release", metavar="RELEASE")
@click.option(
    "--diff", "other", metavar="RELEASE", help="Print what changed from RELEASE to this one; a version is enough."
)
@click.option("--name", "names", multiple=True, metavar="NAME", help="Only this object and what it contains.")
@click.option("--all", "everything", is_flag=True, help="With --diff: also what no caller can notice to break.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--introspect", is_flag=True, help="Also import the release in an environment of its own: runs its code.")
@click.option("--offline", is_flag=True, help="Never download: only shipped and cached surfaces.")
@click.option("--no-cache", is_flag=True, help="Read the release again.")
def command(
    release: str,
    *,
    other: str | None,
    names: tuple[str, ...],
    everything: bool,
    as_json: bool,
    introspect: bool,
    offline: bool,
    no_cache: bool,
) -> None:
    """Show the public surface of a release, or what changed between two.

    RELEASE is pandas==1.5.3, or the path of a wheel, a source archive, or a folder with packages.

    \b
    apimig surface pandas==1.5.3 --name pandas.DataFrame
    apimig surface pandas==1.5.3 --diff 2.0.3
    """  # noqa: D301 - \b is click's mark for lines that keep their breaks
    from apimig.surface import showing
    from apimig.surface.loading import surface

    with waiting() as display:
        tell = None if display is None else display.tell
        options: dict[str, Any] = {
            "introspect": introspect,
            "offline": offline,
            "cache": not no_cache,
            "progress": tell,
        }
        old = surface(release, **options)
        if other is None:
            shown = list(showing.symbols(old, names))
        else:
            new = surface(_release(other, old), **options)
            changes = showing.changes(old, new, names, everything=everything or as_json)
    if other is None:
        click.echo(showing.surface_json(old, shown) if as_json else showing.surface_text(old, shown), nl=False)
    else:
        _echo_changes(old, new, changes, as_json=as_json)


def _release(other: str, old: Surface) -> str:
    """The second release: a version alone is one of the same library."""
    return f"{old.distribution}=={other}" if other[:1].isdigit() and "/" not in other and "=" not in other else other


def _echo_changes(old: Surface, new: Surface, changes: list[Change], *, as_json: bool) -> None:
    from apimig.surface import showing

    if as_json:
        click.echo(showing.changes_json(old, new, changes), nl=False)
        return
    click.echo(showing.changes_text(old, new, changes), nl=False)
