"""Runs programs that nobody vouches for: tests of a repository, a library's code, what a model wrote.

Every such program comes through ``run``. With bubblewrap it sees no network, no home, no secrets and no other process,
and writes nowhere but in its folder; without it, limits and a scrubbed environment are all there is, which
``kind().warning`` says in words for a person. ``docs/sandbox.md`` says what is contained and what is not.
"""

from __future__ import annotations

from apimig.sandbox.kinds import PLAIN, Kind, kind
from apimig.sandbox.model import DEFAULT, Limits, Ran, SandboxError
from apimig.sandbox.running import run

__all__ = ["DEFAULT", "PLAIN", "Kind", "Limits", "Ran", "SandboxError", "kind", "run"]
