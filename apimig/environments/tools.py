"""What is known of test tools: data/environments/tools.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from packaging.utils import canonicalize_name

from apimig import shipped


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plug-in of pytest, and what in a test suite shows that it is needed."""

    distribution: str
    options: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    fixtures: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tools:
    """The tables of the file; names of distributions are normalised."""

    plugins: tuple[Plugin, ...]
    imports: Mapping[str, str]  # import name -> distribution
    not_for_tests: frozenset[str]
    prefixes: tuple[str, ...]

    def is_for_tests(self, name: str) -> bool:
        """Whether tests may need the distribution; linters and the like are for something else."""
        return name not in self.not_for_tests and not name.startswith(self.prefixes)

    def distribution_of(self, module: str) -> str:
        """The distribution that an import name is known to come from, or ""."""
        return self.imports.get(module, "")

    def modules_of(self, distribution: str) -> frozenset[str]:
        """The names under which a distribution is imported, as far as they can be told from its own."""
        name = canonicalize_name(distribution)
        known = {module for module, ours in self.imports.items() if canonicalize_name(ours) == name}
        return frozenset({name.replace("-", "_"), name.removeprefix("python-").replace("-", "_"), *known})


@cache
def tools() -> Tools:
    """What is known, read once."""
    import yaml

    said = yaml.safe_load((shipped.folder("data") / "environments" / "tools.yaml").read_text(encoding="utf-8"))
    plugins = (
        Plugin(name, **{key: tuple(map(str, listed)) for key, listed in (entry or {}).items()})
        for name, entry in said["plugins"].items()
    )
    return Tools(
        tuple(plugins),
        said["imports"],
        frozenset(map(canonicalize_name, said["not_for_tests"])),
        tuple(said["not_for_tests_prefixes"]),
    )
