"""``concat`` takes its first argument by position only; the others get their names.

``concat(a, b)`` was always a mistake, where ``b`` is the axis: a name would hide it, so it is reported.
"""

from __future__ import annotations

from apimig import Edit, Refusal, Site, Span

PARAMETERS = (
    "objs", "axis", "join", "ignore_index", "keys", "levels", "names", "verify_integrity", "sort", "copy",
)  # fmt: skip


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one call of concat with more than one positional argument."""
    arguments = () if site.call is None else site.call.arguments
    positional = [argument for argument in arguments if argument.keyword is None]
    if any(argument.star == "*" for argument in positional):
        return Refusal("its starred arguments may fill more than the first parameter")
    positional = [argument for argument in positional if not argument.star]
    if len(positional) < 2 or len(positional) > len(PARAMETERS):
        return None
    axis = positional[1]
    if site.types(axis).instance_names() & {"pandas.DataFrame", "pandas.Series"}:
        return Refusal(f"`{site.text(axis)}` is taken as the axis: the frames belong in one list")
    named = zip(PARAMETERS[1:], positional[1:], strict=False)
    return site.together(
        *(Edit(Span(a.span.start, a.span.start), (f"{name}=".encode(),), site.rule) for name, a in named)
    )
