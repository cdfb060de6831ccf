"""Rules: their language, how they are loaded, and which of them a migration applies."""

from apimig.rulebook.loading import Rulebook, load
from apimig.rulebook.selection import Migration, Request, migration, parse_request, select

__all__ = ["Migration", "Request", "Rulebook", "load", "migration", "parse_request", "select"]
