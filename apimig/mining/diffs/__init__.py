"""Learns rules from code before and after a migration: pairs, trees of files, and the commits of a repository."""

from apimig.mining.diffs.history import from_git
from apimig.mining.diffs.learning import Engine, Subject, learn_from_pairs
from apimig.mining.diffs.pairs import Pair, Pairs, from_jsonl, from_trees

__all__ = ["Engine", "Pair", "Pairs", "Subject", "from_git", "from_jsonl", "from_trees", "learn_from_pairs"]
