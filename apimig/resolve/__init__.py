"""From a file's tree to every use of the library: what it refers to, how sure that is, and why."""

from apimig.resolve.project import Project

__all__ = ["Project"]
