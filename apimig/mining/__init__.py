"""Finds rules: from two releases of a library, and from code before and after a migration.

What is found is a :class:`Candidate`, a rule file as data with its evidence. Cases that are run under both releases
make it :attr:`~apimig.mining.candidate.Status.VERIFIED`, or say what keeps it from being so.
"""

from apimig.mining.candidate import Candidate, Evidence, Kind, Learned, Status, Tried, Verification

__all__ = ["Candidate", "Evidence", "Kind", "Learned", "Status", "Tried", "Verification"]
