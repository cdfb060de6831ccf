"""Two releases of a library -> candidates: what the second took away or warns of, and what stands in its place.

A successor is taken, in this order, from what an old function still does (it only calls the new one), from what its
deprecation says, and from documentation or signature under a new name. Where none is certain, the candidate says what
the library says, for a person.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from packaging.version import Version

from apimig.mining.candidate import Candidate, Evidence, Kind, Learned
from apimig.mining.releases.casing import Casing
from apimig.mining.releases.derived import drafts_of_calls
from apimig.mining.releases.drafts import Draft, grouped, named
from apimig.mining.releases.examples import Examples, conventions_in
from apimig.mining.releases.inlining import Inlined, inlined
from apimig.mining.releases.namespaces import namespaces
from apimig.mining.releases.release import MEMBERS, Release, at, shown, signature_of, squeezed
from apimig.mining.releases.renamed_values import values
from apimig.mining.releases.shims import shim_of, subclassed
from apimig.mining.releases.sources import Definition, Sources
from apimig.mining.releases.successors import OF_INSTANCES, Found, successor
from apimig.mining.releases.versions import first_of_series, version_of
from apimig.surface.changes import Change, ChangeKind, diff
from apimig.surface.deriving import derive
from apimig.surface.model import Deprecation, Surface, Symbol
from apimig.surface.model import Kind as What
from apimig.surface.publicity import release_notes
from apimig.surface.wording import removed_in, since_in

_LONGEST = 400  # characters of what a library says that a rule repeats
_RENAMES = (ChangeKind.RENAMED, ChangeKind.MOVED)
_GONE = (ChangeKind.REMOVED, *_RENAMES)
_FORMS = {ChangeKind.PROPERTY_TO_METHOD: "property_to_method", ChangeKind.METHOD_TO_PROPERTY: "method_to_property"}
_SENTENCE = re.compile(r"deprecat|remov|\buse|instead|\bwill\b", re.IGNORECASE)
_ROLE = re.compile(r":[\w:]+:`[~!]?\.?([^`]*)`")
_RANK = ("shim", "definition", "deprecation", "directive", "documentation", "signature")


@dataclass(frozen=True, slots=True)
class Thing:
    """A name that is gone or warns: ``now`` where the new release still has it, ``target`` where a surface has one."""

    name: str
    names: tuple[str, ...]
    was: Symbol
    now: Symbol | None
    said: Deprecation | None
    gone: bool
    target: str = ""
    sure: bool = False


def learn_from_releases(
    old: Surface,
    new: Surface,
    old_sources: Sources | None = None,
    new_sources: Sources | None = None,
    *,
    through: Sequence[Release] = (),
    releases: Sequence[str] = (),
    reference: str = "",
    tell: Callable[[str], None] | None = None,
) -> Learned:
    """Candidates for what the new release changed, best first, each with cases that its own data makes.

    ``through`` are releases in between, in which shims stand that neither end has, ``releases`` the final releases
    that exist, for the version in which something went. ``reference`` is where changes are told of a library whose
    release notes apimig does not know.
    """
    work = _Learner(Release(old, old_sources), Release(new, new_sources), tuple(through), releases, reference)
    return work.learn(tell or (lambda _: None))


@dataclass
class _Learner:
    first: Release
    last: Release
    through: tuple[Release, ...]
    releases: Sequence[str]
    reference: str
    notes: list[str] = field(default_factory=list)

    def learn(self, tell: Callable[[str], None]) -> Learned:
        old, new = self.first.surface, self.last.surface
        self.at = first_of_series(old.version, new.version, self.releases)
        self.reference = release_notes(new.roots, self.at) or self.reference
        if not self.reference:
            self.notes.append(f"apimig does not know where {old.distribution} tells of changes: give a reference")
        sources = [each.sources for each in (self.first, self.last) if each.sources is not None]
        conventional = conventions_in((text for each in sources[:1] for text in each.texts()), old.roots)
        self.examples = Examples(old, conventional)
        tell(f"comparing {old} with {new}")
        drafts = grouped(self._drafts(tell))
        tell(f"writing cases for {len(drafts)} changes")
        casing = Casing(old, new, self.examples)
        candidates = [self._candidate(name, draft, casing) for name, draft in named(_sorted(drafts))]
        return Learned(tuple(candidates), tuple(self.notes))

    def _candidate(self, name: str, draft: Draft, casing: Casing) -> Candidate:
        rule: dict[str, Any] = {
            "library": self.first.surface.distribution,
            **draft.versions,
            "reference": self.reference,
            "summary": draft.summary,
            **draft.body,
        }
        if draft.applicability != "safe":
            rule["applicability"] = draft.applicability
        if draft.advise and "advise" not in rule:
            rule["advise"] = draft.advise
        rule.update(casing.cases(draft))
        return Candidate(name, rule, draft.kind, draft.evidence, draft.support)

    # ----------------------------------------------------------------- what there is

    def _drafts(self, tell: Callable[[str], None]) -> Iterator[Draft]:
        old, new = self.first.surface, self.last.surface
        changes = diff(old, new)
        called: defaultdict[str, list[Change]] = defaultdict(list)
        for change in changes:
            for name in change.names if change.parameter else ():
                called[name].append(change)
        things = [*self._things(changes), *self._still_deprecated(changes)]
        tell(f"looking for successors of {len(things)} names")
        answering = list(namespaces(self.last, self.first.surface.version, self.at))
        answered = {name for draft in answering for name in draft.names}
        yield from answering
        for thing in things:
            if not answered.issuperset(thing.names):
                yield self._of_thing(thing)
        yield from self._forms(changes)
        yield from drafts_of_calls(derive(old, new), called, {"changed": self.at}, str(old))
        yield from values(self.first, self.last.surface, self.at)
        if count := sum(1 for each in changes if each.kind is ChangeKind.RETURNS):
            self.notes.append(f"{count} changes of return types are left to the report: they name no edit")

    def _things(self, changes: Sequence[Change]) -> Iterator[Thing]:
        moved = [each.name for each in changes if each.kind in _RENAMES]
        for change in changes:
            if change.kind not in (*_GONE, ChangeKind.DEPRECATED):
                continue
            if change.symbol is What.MODULE and any(name.startswith(f"{change.name}.") for name in moved):
                continue  # what was in it is spoken of name by name
            was = self._old(change.name)
            if was is None:
                continue
            now = self._new(change.name)
            gone = change.kind in _GONE
            said = was.deprecated or (now.deprecated if now is not None else None) or self._said_between(change.name)
            names = self._reduced(change.names or (change.name,))
            target = change.after if change.kind in _RENAMES else ""
            yield Thing(names[0], names, was, now, said, gone, target, bool(target) and self._is_same(was, target))

    def _still_deprecated(self, changes: Sequence[Change]) -> Iterator[Thing]:
        """What warned before already, and still does."""
        known = {name for change in changes if change.kind in (*_GONE, ChangeKind.DEPRECATED) for name in change.names}
        shared: dict[tuple[str, str], Thing] = {}
        for was in self.first.surface.symbols():
            owner = was.name.rpartition(".")[0] if was.kind in MEMBERS else was.name
            if was.deprecated is None or was.name in known or "i" in self.first.surface.entries.get(owner, {"i": ""}):
                continue
            now = self._new(was.name)
            if now is None or now.deprecated is None or not (now.deprecated.text or now.deprecated.replacement):
                continue  # a decorator that copies deprecations says nothing of what it copies
            key = (was.name.rpartition(".")[2], now.deprecated.text)
            before = shared.get(key)
            names = self._reduced((*(before.names if before else ()), was.name))
            shared[key] = Thing(names[0], names, before.was if before else was, now, now.deprecated, gone=False)
        yield from shared.values()

    def _old(self, name: str) -> Symbol | None:
        return at(self.first.surface, name)

    def _new(self, name: str) -> Symbol | None:
        return at(self.last.surface, name)

    def _said_between(self, name: str) -> Deprecation | None:
        found = (at(each.surface, name) for each in self.through)
        return next((each.deprecated for each in found if each is not None and each.deprecated is not None), None)

    def _reduced(self, names: Sequence[str]) -> tuple[str, ...]:
        """The names without those of classes that inherit the member from another one that is named."""
        owners = {name.rpartition(".")[0] for name in names}
        surface = self.first.surface
        kept = [
            name
            for name in dict.fromkeys(names)
            if not (owners & set(surface.mro(surface.canonical(name.rpartition(".")[0]) or "")[1:]))
        ]
        return tuple(kept) or tuple(names)

    # ----------------------------------------------------------------- one name

    def _of_thing(self, thing: Thing) -> Draft:
        return self._by_shim(thing) or self._by_text(thing) or self._by_surface(thing) or self._advice(thing)

    def _versions(self, thing: Thing) -> dict[str, str]:
        since = version_of(thing.said.since or since_in(thing.said.text)) if thing.said is not None else ""
        if thing.was.deprecated is not None and since and Version(since) > Version(self.first.surface.version):
            since = ""  # it warned before that: the text speaks of another version
        if not thing.gone:
            return {"deprecated": since if since and Version(since) <= Version(self.at) else self.at}
        gone = self._gone_at(thing.said.text if thing.said is not None else "")
        return {"deprecated": since, "removed": gone} if since and Version(since) < Version(gone) else {"removed": gone}

    def _gone_at(self, text: str) -> str:
        """When it went: as was announced, where that lies between the releases."""
        announced = version_of(removed_in(text))
        between = announced and Version(self.first.surface.version) < Version(announced) <= Version(self.at)
        return announced if between else self.at

    def _draft(self, thing: Thing, body: Mapping[str, Any], summary: str, kind: Kind, **more: Any) -> Draft:
        evidence = (*more.pop("evidence", ()), *self._evidence(thing))
        member = thing.was.kind in MEMBERS and self._has_class(thing.name)
        owner, _, last = thing.name.rpartition(".")
        stem = f"{owner.rpartition('.')[2]}_{last}" if member and len(thing.names) <= 2 else last
        versions = self._versions(thing)
        if target := more.pop("target", ""):
            known = self._old(target) is not None
            versions = {**versions, "replacement_since": self.first.surface.version if known else self.at}
        return Draft(
            body,
            summary,
            kind,
            versions,
            stem,
            owner=owner.rpartition(".")[2],
            evidence=evidence,
            names=thing.names,
            support=max(len({each.kind for each in evidence}), 1),
            **more,
        )

    def _has_class(self, name: str) -> bool:
        owner = self.first.surface.canonical(name.rpartition(".")[0])
        return owner is not None and self.first.surface.entries.get(owner, {}).get("k") == "c"

    def _evidence(self, thing: Thing) -> Iterator[Evidence]:
        if thing.said is not None and thing.said.text:
            yield Evidence("deprecation", squeezed(thing.said.text), f"{self._speaker(thing)}: {thing.name}")
        elif thing.said is not None and thing.said.replacement:
            yield Evidence("deprecation", f"use {thing.said.replacement}", f"{self._speaker(thing)}: {thing.name}")
        if thing.target:
            yield Evidence("documentation" if thing.sure else "signature", f"{thing.name} -> {thing.target}")

    def _speaker(self, thing: Thing) -> str:
        return str(self.first.surface if thing.was.deprecated is not None else self.last.surface)

    # ----------------------------------------------------------------- what the body of the old one does

    def _by_shim(self, thing: Thing) -> Draft | None:
        for release in self._with_body(thing):
            found = release.definition(thing.name)
            if found is None or release.sources is None:
                continue
            if (base := subclassed(found, release.sources)) and (draft := self._by_base(thing, release, base, found)):
                return draft
            deprecated = thing.said is not None or "eprecat" in ast.unparse(found.node)
            shim = shim_of(found, release.sources) if deprecated else None
            if shim is None:
                continue
            variable = self._variable(thing)
            made = inlined(shim, thing.was, thing.name, variable, (release.surface, self.last.surface))
            if made is not None and (draft := self._by_template(thing, made, variable, shim.text, found)):
                return draft
        return None

    def _with_body(self, thing: Thing) -> Iterator[Release]:
        """Where the old name still stands: the newest release first."""
        ordered = [*([] if thing.gone else [self.last]), *reversed(self.through), self.first]
        yield from (each for each in ordered if each.sources is not None)

    def _variable(self, thing: Thing) -> str:
        if thing.was.kind not in (*OF_INSTANCES, What.ATTRIBUTE):
            return "x"
        return self.examples.receiver(thing.name.rpartition(".")[0])[0]

    def _by_base(self, thing: Thing, release: Release, base: str, found: Definition) -> Draft | None:
        known = self.last.surface.offers(release.surface.canonical(base) or base)
        if known is None or known == thing.name:
            return None
        evidence = (Evidence("definition", f"class {thing.was.last}({base.rpartition('.')[2]})", found.place),)
        return self._renaming(thing, known, evidence=evidence)

    def _by_template(self, thing: Thing, made: Inlined, variable: str, text: str, found: Definition) -> Draft | None:
        evidence = (Evidence("shim", text, found.place),)
        if made.renamed and made.target and self._takes_every_call(thing, made.target):
            return self._renaming(thing, made.target, evidence=evidence)
        if not made.target and (said := self._by_text(thing)) is not None:
            return said  # the library names a successor, and the old one does the same in its own way
        if not made.rewrite.strip() or (made.target and self._new(made.target) is None):
            return None
        body: dict[str, Any] = {"match": made.match, "rewrite": made.rewrite}
        if "(" in made.match and not made.match.endswith("()") and thing.was.signature is not None:
            body["signature"] = signature_of(thing.was)
        if made.match.startswith(f"${variable}."):
            body["where"] = {variable: sorted({name.rpartition(".")[0] for name in thing.names})}
        elif len(thing.names) > 1:
            return None
        if made.imports:
            body["imports"] = sorted(set(made.imports))
        summary = f"{shown(thing.name)} is {made.rewrite.replace('$?', '').replace('$*', '').replace('$', '')}"
        return self._draft(thing, body, summary, Kind.STRUCTURE, evidence=evidence, target=made.target)

    def _takes_every_call(self, thing: Thing, target: str) -> bool:
        """Whether calls need nothing but the new name: a shim may pass by name what others pass by position."""
        now = self._new(target)
        if now is None or thing.was.signature is None or now.signature is None:
            return now is not None
        old, new = ([each.name for each in found.positional] for found in (thing.was.signature, now.signature))
        return new[: len(old)] == old

    # ----------------------------------------------------------------- what is said

    def _by_text(self, thing: Thing) -> Draft | None:
        if thing.said is None:
            return None
        found = successor(
            thing.was,
            thing.name,
            thing.said.replacement,
            self.last.surface,
            self.examples.conventional,
            thing.said.text,
        )
        if found is None:
            return None
        if found.alike:
            return self._renaming(thing, found.name)
        if found.keywords and (body := self._by_keywords(thing, found)) is not None:
            summary = f"{shown(thing.name)} became {shown(found.name)}, which takes its arguments in another order"
            return self._draft(thing, body, summary, Kind.STRUCTURE, target=found.name)
        if found.symbol.signature is None or thing.was.signature is None:
            return self._renaming(thing, found.name, applicability="unsafe")
        return None

    def _by_keywords(self, thing: Thing, found: Found) -> dict[str, Any] | None:
        parameters = thing.was.signature.parameters if thing.was.signature else ()
        if any(each.kind not in ("either", "keyword") for each in parameters) or len(thing.names) > 1:
            return None
        holes = [f"{each.name}=${'' if each.default is None else '?'}{each.name}" for each in parameters]
        variable = self._variable(thing)
        instance = thing.was.kind in OF_INSTANCES
        old, new = (
            (f"${variable}.{thing.name.rpartition('.')[2]}", f"${variable}.{found.name.rpartition('.')[2]}")
            if instance
            else (thing.name, found.name)
        )
        body: dict[str, Any] = {
            "match": f"{old}({', '.join(holes)})",
            "rewrite": f"{new}({', '.join(holes)})",
            "signature": signature_of(thing.was),
        }
        return {**body, "where": {variable: [thing.name.rpartition(".")[0]]}} if instance else body

    def _by_surface(self, thing: Thing) -> Draft | None:
        if not thing.target:
            return None
        return self._renaming(thing, thing.target, applicability="safe" if thing.sure else "unsafe")

    def _is_same(self, was: Symbol, target: str) -> bool:
        """Whether the new name is of the same thing for sure: defined in one place, documented alike, or said."""
        now = self._new(target)
        if now is None:
            return False
        documented = was.documentation.get("")
        if was.hands_on and was.hands_on.rpartition(".")[2] == now.home.rpartition(".")[2]:
            return True
        said = was.deprecated.replacement.rpartition(".")[2] if was.deprecated is not None else ""
        return was.home == now.home or said == now.last or bool(documented and documented == now.documentation.get(""))

    def _renaming(self, thing: Thing, target: str, **more: Any) -> Draft:
        last = target.rpartition(".")[2]
        instance = thing.was.kind in (*OF_INSTANCES, What.ATTRIBUTE) and self._has_class(thing.name)
        if instance:
            body: dict[str, Any] = {"rename_member": dict.fromkeys(thing.names, last)}
            group: tuple[object, ...] = ("member", thing.was.last, last)
        else:
            body = {"rename": dict.fromkeys(thing.names, target)}
            group = self._group(thing.name, target, thing.was.kind)
        moved = thing.was.last == last and not instance
        summary = f"{shown(thing.name)} became {last if instance else shown(target)}"
        if moved:
            summary = f"{shown(thing.name)} is in {target.rpartition('.')[0]} now"
        return self._draft(
            thing, body, summary, Kind.MOVE if moved else Kind.RENAME, group=group, target=target, **more
        )

    @staticmethod
    def _group(name: str, target: str, what: What) -> tuple[object, ...]:
        owner, _, last = name.rpartition(".")
        new_owner, _, new_last = target.rpartition(".")
        if last == new_last:
            return ("move", owner, new_owner)
        if what in (What.ATTRIBUTE, What.ENUM_MEMBER):
            return ("constants", owner, new_owner)
        return ("to", target)

    def _advice(self, thing: Thing) -> Draft:
        said = _plain(thing.said.text if thing.said is not None else "")
        what = "is gone" if thing.gone else "is deprecated"
        told = said if _SENTENCE.search(said) else f"{shown(thing.name)} {what}: {said}"
        group = ("advice", said.replace(thing.was.last, "·"), thing.name.rpartition(".")[0]) if said else ()
        if not said:
            group = ("advice", thing.name.rpartition(".")[0], what)
            told = f"What stood in its place in {self.first.surface} {what}, and the release names no successor."
        return self._draft(
            thing,
            {"api": list(thing.names), "advise": told},
            f"{shown(thing.name)} {what}",
            Kind.ADVICE,
            applicability="manual",
            group=group,
        )

    # ----------------------------------------------------------------- other forms of change

    def _forms(self, changes: Sequence[Change]) -> Iterator[Draft]:
        """Properties that became methods, and the other way round: nobody knows without trying, so unsafe."""
        for change in changes:
            was = self._old(change.name) if change.kind in _FORMS else None
            now = self._new(change.name) if was is not None else None
            if was is None or now is None or was.generated or now.generated:
                continue
            called = was if change.kind is ChangeKind.METHOD_TO_PROPERTY else now
            required = [p for p in (called.signature.parameters if called.signature else ()) if p.default is None]
            if required:
                continue
            names = self._reduced(change.names or (change.name,))
            thing = Thing(names[0], names, was, now, was.deprecated, gone=True)
            body = {_FORMS[change.kind]: list(names)}
            summary = f"{shown(names[0])}: {change.kind}"
            draft = self._draft(thing, body, summary, Kind.STRUCTURE, applicability="unsafe")
            yield replace(draft, versions={"changed": self.at}, evidence=(Evidence("signature", str(change)),))


# --------------------------------------------------------------------------- small things


def _plain(text: str) -> str:
    """What a library says, without the marks of its documentation."""
    plain = squeezed(_ROLE.sub(r"`\1`", text).replace("``", "`"))
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 3] + "..."


def _sorted(drafts: Sequence[Draft]) -> list[Draft]:
    """The best founded first: what is safe, by the kind of evidence, by how much of it."""

    def rank(draft: Draft) -> tuple[int, int, int, str]:
        order = ("safe", "unsafe", "manual").index(draft.applicability)
        kinds = [_RANK.index(each.kind) for each in draft.evidence if each.kind in _RANK]
        return order, min(kinds, default=len(_RANK)), -draft.support, draft.stem

    return sorted(drafts, key=rank)
