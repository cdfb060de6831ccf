"""What a validation runs on: the environments of both sides, and how the repository's tests are run."""

from __future__ import annotations

from dataclasses import dataclass

from apimig.validation.bench import Side, Suite


@dataclass(frozen=True, slots=True)
class Ground:
    """The two sides and the tests; ``sandbox`` says how they are contained, ``notes`` what people should know."""

    old: Side
    new: Side
    suite: Suite
    sandbox: str = ""
    notes: tuple[str, ...] = ()


def prepared(*_: object) -> Ground:
    """Build the environments."""
    raise NotImplementedError
