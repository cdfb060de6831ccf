"""Environments for a repository's tests: what it needs, how its tests are run, and one environment for each release.

The repository's files are read as text. Nothing of it is run or installed: it is imported from its tree, by ``layout``.
"""

from apimig.environments.building import build
from apimig.environments.model import Choices, Environment, Need, Needs, Plan, Request, Runner, Why
from apimig.environments.needs import needs_of
from apimig.environments.planning import plan_of
from apimig.environments.project import project_of

__all__ = [
    "Choices",
    "Environment",
    "Need",
    "Needs",
    "Plan",
    "Request",
    "Runner",
    "Why",
    "build",
    "needs_of",
    "plan_of",
    "project_of",
]
