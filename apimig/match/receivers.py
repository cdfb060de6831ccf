"""Whether a receiver is an instance of the classes that a rule speaks about, said so that people can check it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apimig.records import Certainty, TypeKind, Value
from apimig.rulebook.calls import Facts

_NONE = frozenset(("None", "builtins.None", "builtins.NoneType"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """``fits``: it is one of them for sure; ``refusal`` why that is not certain; neither: it is something else."""

    fits: bool
    certainty: Certainty
    refusal: str = ""
    reason: str = ""

    @property
    def is_site(self) -> bool:
        """Whether the rule speaks about this receiver at all."""
        return self.fits or bool(self.refusal)


def judge(
    value: Value | None, classes: Sequence[str], facts: Facts, what: str = "the receiver", *, open_fits: bool = False
) -> Verdict:
    """Compare what is known of a value with the classes (subclasses count, None does not).

    ``open_fits``: where all that is known fits, a branch of which nothing is known is taken to fit too.
    """
    if value is None or value.is_unknown:
        return Verdict(fits=False, certainty=Certainty.UNKNOWN, refusal=f"the type of {what} is not known")
    kinds = [t for t in value.types if t.name not in _NONE]
    fitting = [t for t in kinds if t.kind is TypeKind.INSTANCE and facts.is_class(t.name, classes)]
    if not fitting:
        if not value.open:
            return Verdict(fits=False, certainty=value.certainty)
        return Verdict(fits=False, certainty=Certainty.UNKNOWN, refusal=f"the type of {what} is not known")
    others = sorted({_shown(t.name) for t in kinds if t not in fitting})
    if not others and (open_fits or not value.open):
        certainty = weakest(value.certainty, Certainty.INFERRED) if value.open else value.certainty
        return Verdict(fits=True, certainty=certainty, reason=value.reason)
    if value.open:
        others.append("something of unknown type")
    ours = " or ".join(sorted({_shown(t.name) for t in fitting}))
    why = f" ({value.reason})" if value.reason else ""
    refusal = f"{what} is {ours} or else {' or '.join(others)}{why}"
    return Verdict(fits=False, certainty=value.certainty, refusal=refusal, reason=value.reason)


def _shown(name: str) -> str:
    return name.removeprefix("builtins.").rpartition(":")[2]


def weakest(first: Certainty, *others: Certainty) -> Certainty:
    """The least sure of some certainties."""
    return min((first, *others), key=lambda certainty: certainty.rank)
