"""``apimig explain``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command("explain")
@click.argument("target", metavar="RULE|FILE:LINE")
@click.option("--lib", multiple=True, metavar="NAME==VERSION", help="As for upgrade; default: [tool.apimig].")
@click.option("--from", "from_", multiple=True, metavar="[NAME==]VERSION", help="As for upgrade.")
@click.option("--unsafe", is_flag=True, default=None, help="As for upgrade.")
@click.option("--snippet", is_flag=True, default=None, help="As for upgrade.")
@click.option("--rules", multiple=True, type=click.Path(path_type=Path), metavar="DIR", help="A folder of more rules.")
@click.pass_context
def command(ctx: click.Context, /, *, target: str, **given: Any) -> None:
    """Say why a line was or was not rewritten, or what a rule does.

    For a line: each use on it with the type of its receiver, how that is known, the rule that
    speaks about it and what became of it. A line of a notebook is FILE#cell3:12.
    """
    from apimig.pipeline.explain import explain, is_place

    if not is_place(target):
        from apimig.cli.rules import show

        ctx.invoke(show, names=(target,), folders=given["rules"], no_cache=False)
        return
    line, stories = explain(target, **given)
    click.echo(line)
    for story in stories:
        click.echo(f"\n{story.place}  {' '.join(story.code.split())}\n  {story.verdict}")
        for name, fact in story.facts:
            click.echo(f"  {name + ':':<14} {fact}")
    if not stories:
        click.echo("\nNothing on this line refers to a library that is upgraded.")
