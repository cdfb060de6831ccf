"""``_guess_datetime_format_for_array`` passes over texts for missing values since 2.0, as ``astype(str)`` makes them.

Where such a text came first there was no format; now there is one, and whoever formats dates with it cuts off what the
format does not show. The call stays as it is, since tests patch it.
"""

from __future__ import annotations

from apimig import Edit, Refusal, Site

MISSING = ("NaT", "nan", "")


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one call: no format where the first text stands for a missing value."""
    if site.call is None:
        return Refusal("it is passed on without being called")
    call = site.call.node
    around = call.parent
    while around is not None and around.type == "parenthesized_expression":
        around = around.parent
    if around is not None and around.type == "conditional_expression" and MISSING[0] in site.text(around):
        return None  # it is asked already
    bound = site.bind("(arr, dayfirst=False)")
    values = bound.given.get("arr")
    if values is None or bound.extra or bound.maybe or site.node_at(values).type not in ("identifier", "attribute"):
        return Refusal("a first text that stands for a missing value gave no format; give the array a name to ask it")
    texts = ", ".join(f'"{text}"' for text in MISSING)
    return site.replace(
        call, f'None if next(filter(pandas.notna, $values), "") in ({texts}) else $call', values=values, call=call
    )
