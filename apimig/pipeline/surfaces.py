"""A plan with what the releases themselves say: rules derived from what changed, and the library's names and types.

Libraries with a rule pack are compared by the surfaces that ship with apimig; any other library by surfaces that are
cached or made on demand. What is derived is kept, so that only the first run between two releases waits.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from apimig.errors import UnknownLibraryError, UsageError
from apimig.pipeline.options import Options
from apimig.pipeline.plan import Plan, load_rulebook, make_plan
from apimig.rulebook import Migration, Rulebook
from apimig.rulebook import cache as compiled_cache
from apimig.rulebook.merging import merged
from apimig.rulebook.rule import ClassTypes, Library, Rule
from apimig.rulebook.selection import find_library

if TYPE_CHECKING:
    from apimig.surface.changes import Change
    from apimig.surface.model import Surface

Tell = Callable[[str], None]
_EXACT = re.compile(r"==\s*(\d+\.\d+\.\d+)\s*$")
_NAME = re.compile(r"\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)")


def known(options: Options) -> Rulebook:
    """The rulebook, with the libraries that are asked for and have no rules as the package index lists them.

    Raises UnknownLibraryError for a name that neither the rules nor the index know.
    """
    rulebook = load_rulebook(options)
    if not options.surfaces:
        return rulebook
    added = [_listed(text, rulebook, options) for text in options.libs]
    found = {library.distribution: library for library in added if library is not None}
    if not found:
        return rulebook
    return replace(rulebook, libraries=(*rulebook.libraries, *found.values()))


def _listed(text: str, rulebook: Rulebook, options: Options) -> Library | None:
    """A library without rules as far as the index knows it; None where there are rules."""
    match = _NAME.match(text)
    if match is None:
        return None
    try:
        find_library(match[1], rulebook.libraries)
    except UnknownLibraryError as error:
        from apimig.surface.publicity import distribution_of
        from apimig.surface.releases import releases

        if (meant := distribution_of(match[1])) is not None:
            raise UnknownLibraryError(
                f"{match[1]} is the import name of {meant}", help=f"Write --lib {meant}{text[match.end() :]}."
            ) from error
        found = releases(match[1], offline=options.offline)
        if not found:
            raise _not_listed(match[1], error, options) from error
        return Library(match[1], (), releases=(*found, *_withdrawn(text, found)))
    return None


def _withdrawn(text: str, found: Sequence[str]) -> list[str]:
    """A release named to its last digit that the index does not list: a yanked one can be had all the same.

    Where it cannot, making its surface says so.
    """
    named = _EXACT.search(text)
    return [named[1]] if named is not None and Version(named[1]) not in map(Version, found) else []


def _not_listed(name: str, error: UnknownLibraryError, options: Options) -> UnknownLibraryError:
    if options.offline:
        return UnknownLibraryError(
            f"{name} has neither rules nor a surface here, and --offline forbids to ask the package index",
            help="Run once without --offline.",
        )
    return UnknownLibraryError(f"no rules are known for {name}, and no package index lists it", help=error.help or "")


def planned(options: Options, rulebook: Rulebook, pinned: Mapping[str, str], tell: Tell | None = None) -> Plan:
    """The plan of :func:`make_plan`, with what the surfaces of each migration's two releases add."""
    plan = make_plan(options, rulebook, pinned)
    if not options.surfaces:
        return plan
    for migration in plan.migrations:
        plan = _with_surfaces(plan, migration, options, tell)
    return replace(plan, notes=(*plan.notes, *_empty(plan)))


def _empty(plan: Plan) -> list[str]:
    return [
        f"no rule applies between {m.library} {m.from_version} and {m.to_version}; "
        f"if the code was written for an older version, name it with --from {m.library}==VERSION"
        for m in plan.migrations
        if not any(rule.library == m.library for rule in plan.rules)
    ]


@dataclass(frozen=True, slots=True)
class _Pair:
    """The releases whose surfaces are compared, and what is to be said of the choice."""

    old: str
    new: str
    notes: tuple[str, ...] = ()


def _with_surfaces(plan: Plan, migration: Migration, options: Options, tell: Tell | None) -> Plan:
    library = find_library(migration.library, plan.libraries)
    has_pack = bool(library.imports)
    pair = _near(migration) if has_pack else _exact(migration)
    if pair is None or pair.old == pair.new:
        return plan
    chosen = [rule for rule in plan.rules if rule.library == migration.library]
    made = _made(migration.library, pair, chosen, library, options, tell)
    rules = [rule for rule in made.rules if not (options.only_required and rule.deprecated)]
    others = [each for each in plan.libraries if each.distribution != migration.library]
    if made.library is not None:
        library = replace(library, homes=made.library.homes) if has_pack else made.library
    return replace(
        plan,
        rules=(*plan.rules, *rules),
        libraries=(*others, library),
        offered=(*plan.offered, *([] if made.library is None else [made.library])),
        notes=(*plan.notes, *pair.notes),
        surfaced=plan.surfaced | {migration.library},
        compared=(*plan.compared, (migration.library, pair.old, pair.new)),
    )


def changes(plan: Plan, options: Options) -> tuple[Change, ...]:
    """What changed between the releases that the plan's migrations compare."""
    from apimig.surface.changes import diff

    found: list[Change] = []
    for library, old, new in plan.compared:
        found += diff(*_both(library, _Pair(old, new), options, None))
    return tuple(found)


def _exact(migration: Migration) -> _Pair:
    if migration.from_version == "0":
        raise UsageError(
            f"Nothing says for which version of {migration.library} the code was written",
            help=f"Name it: --from {migration.library}==VERSION",
        )
    return _Pair(migration.from_version, migration.to_version)


def _near(migration: Migration) -> _Pair | None:
    """The shipped releases nearest to the migration's; None where none is shipped."""
    from apimig.surface.shipment import shipped_versions

    shipped = [Version(text) for text in shipped_versions(migration.library)]
    if not shipped:
        return None
    old, new = (_nearest(Version(text), shipped) for text in (migration.from_version, migration.to_version))
    notes = [
        f"{migration.library} {asked} is compared by the surface of {taken}, the nearest that is shipped"
        for asked, taken in ((migration.from_version, old), (migration.to_version, new))
        if Version(asked).release[:2] != taken.release[:2]
    ]
    return _Pair(str(old), str(new), tuple(notes))


def _nearest(wanted: Version, shipped: Sequence[Version]) -> Version:
    """The same minor release, else the last before, else the first of all."""
    same = [each for each in shipped if each.release[:2] == wanted.release[:2]]
    if same:
        return min(same, key=lambda each: abs(each.micro - wanted.micro))
    before = [each for each in shipped if each <= wanted]
    return max(before) if before else min(shipped)


# --------------------------------------------------------------------------- derived, and kept


def _made(
    name: str, pair: _Pair, chosen: Sequence[Rule], library: Library, options: Options, tell: Tell | None
) -> compiled_cache.Compiled:
    file = f"derived-{name}-{pair.old}-{pair.new}"
    key = _key(name, pair, chosen, library, options)
    kept = _KEPT.get(key) or (compiled_cache.read(file, key) if options.cache else None)
    if kept is None:
        kept = _derived(name, pair, chosen, library, options, tell)
        key = _key(name, pair, chosen, library, options)  # the surfaces are cached now, which are part of it
        if options.cache:
            compiled_cache.write(file, key, kept)
    if len(_KEPT) >= _MOST_KEPT:
        _KEPT.clear()
    _KEPT[key] = kept
    return kept


_KEPT: dict[str, compiled_cache.Compiled] = {}  # for callers that upgrade one text after the other
_MOST_KEPT = 16


def _derived(
    name: str,
    pair: _Pair,
    chosen: Sequence[Rule],
    library: Library,
    options: Options,
    tell: Tell | None,
) -> compiled_cache.Compiled:
    from apimig.pipeline.covering import beside_pack, distinguished, uncovered
    from apimig.surface.deriving import derive
    from apimig.surface.libraries import library_of

    old, new = _both(name, pair, options, tell)
    if tell is not None:
        tell(f"comparing {name} {pair.old} with {pair.new}")
    whole = enriched(library_of(old, oldest=library.oldest, releases=library.releases), library)
    derived = derive(old, new)
    whole = distinguished(whole, (*chosen, *derived))
    rules = uncovered(derived, chosen, [whole])
    if library.imports:
        rules = beside_pack(rules)
    return compiled_cache.Compiled(rules, whole)


def _both(name: str, pair: _Pair, options: Options, tell: Tell | None) -> tuple[Surface, Surface]:
    """The two surfaces, made in the same way: what introspection alone sees would count as changed."""
    from apimig.surface.loading import surface

    def get(version: str, *, plain: bool) -> Surface:
        introspect = options.introspect and not plain
        return surface(f"{name}=={version}", offline=options.offline, introspect=introspect, plain=plain, progress=tell)

    old, new = get(pair.old, plain=False), get(pair.new, plain=False)
    if old.probed != new.probed:
        with contextlib.suppress(UsageError):  # offline, where one of them is not here
            return get(pair.old, plain=True), get(pair.new, plain=True)
    return old, new


def _key(name: str, pair: _Pair, chosen: Sequence[Rule], library: Library, options: Options) -> str:
    import hashlib

    from apimig.surface.loading import identity

    surfaces = [identity(name, version) for version in (pair.old, pair.new)]
    parts = (
        _stamp(),
        surfaces,
        pair.old,
        pair.new,
        options.introspect,
        options.offline,
        [repr(rule) for rule in chosen],
    )
    return hashlib.blake2b(repr((parts, library)).encode(), digest_size=20).hexdigest()


@cache
def _stamp() -> str:
    here = Path(__file__).parents[1]
    return compiled_cache.code_stamp(here / "surface", here / "rulebook", here / "match", here / "pipeline")


# --------------------------------------------------------------------------- facts of a pack and of a surface


def enriched(derived: Library, pack: Library) -> Library:
    """The facts of a surface under those of a pack, which wins in everything that it says.

    A pack's names are the preferred ones; what it says of a class holds for its subclasses, too.
    """
    if not pack.imports:
        return derived

    def preferred(name: str) -> str:
        return pack.aliases.get(name, name)

    aliases = {path: preferred(name) for path, name in derived.aliases.items() if path not in pack.classes}
    aliases |= {name: preferred(name) for name in (*derived.classes, *derived.functions) if name in pack.aliases}
    classes = {preferred(name): _without(types, pack) for name, types in derived.classes.items()}
    plain = replace(
        derived,
        distribution=pack.distribution,
        imports=pack.imports,
        aliases=aliases,
        classes={name: _joined(types, pack.classes.get(name)) for name, types in classes.items()},
        functions={preferred(name): returns for name, returns in derived.functions.items()},
        homes={home: preferred(name) for home, name in derived.homes.items()},
    )
    return merged(plain, replace(pack, classes={k: v for k, v in pack.classes.items() if k not in classes}))


def _without(types: ClassTypes, pack: Library) -> ClassTypes:
    """The class without the members that the pack speaks of, for it or for a base."""
    said = _said(types.name, types.bases, pack)
    return replace(
        types,
        attributes={k: v for k, v in types.attributes.items() if k not in said},
        returns={k: v for k, v in types.returns.items() if k not in said},
        listed=tuple(k for k in types.listed if k not in said),
    )


def _said(name: str, bases: Sequence[str], pack: Library) -> set[str]:
    found, waiting, seen = set[str](), [pack.aliases.get(name, name), *bases], set[str]()
    while waiting:
        each = waiting.pop()
        if each in seen or each not in pack.classes:
            continue
        seen.add(each)
        found |= {*pack.classes[each].attributes, *pack.classes[each].returns}
        waiting += pack.classes[each].bases
    return found


def _joined(types: ClassTypes, pack: ClassTypes | None) -> ClassTypes:
    if pack is None:
        return types
    return replace(
        pack,
        bases=pack.bases or types.bases,
        attributes={**types.attributes, **pack.attributes},
        returns={**types.returns, **pack.returns},
        listed=types.listed,
    )
