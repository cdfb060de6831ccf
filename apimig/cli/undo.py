"""``apimig undo``."""

from __future__ import annotations

import click

from apimig.errors import WriteError


@click.command("undo")
@click.argument("path", default=".", type=click.Path())
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def command(path: str, *, quiet: bool) -> None:
    """Bring back the files of the last upgrade of the project at PATH (default: here).

    Files that changed since are refused and named; the others are restored. Undo again to go one
    run further back.
    """
    from apimig.pipeline import undo
    from apimig.pipeline.write import listed

    undone = undo(path)
    if not quiet:
        files = "1 file" if len(undone.restored) == 1 else f"{len(undone.restored)} files"
        click.echo(f"Undid {', '.join(undone.migrations)}: {files} restored.")
    if undone.refused:
        files = "1 file was" if len(undone.refused) == 1 else f"{len(undone.refused)} files were"
        raise WriteError(f"{files} not restored", help=listed(undone.refused))
