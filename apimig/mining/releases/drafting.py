"""What stands in the place of a name that callers have to leave, as a draft of a rule.

A successor is taken, in this order, from what an old function still does (it only calls the new one), from what its
deprecation says, and from documentation or signature under a new name. Where none is certain, the draft says what the
library says, for a person.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from packaging.version import Version

from apimig.mining.candidate import Evidence, Kind
from apimig.mining.releases.drafts import Draft
from apimig.mining.releases.examples import Examples
from apimig.mining.releases.inlining import Inlined, inlined
from apimig.mining.releases.migration import Migration
from apimig.mining.releases.release import MEMBERS, Release, shown, signature_of, squeezed
from apimig.mining.releases.shims import shim_of, subclassed
from apimig.mining.releases.sources import Definition
from apimig.mining.releases.successors import OF_INSTANCES, Found, successor
from apimig.mining.releases.things import Thing
from apimig.mining.releases.versions import version_of
from apimig.rulebook.signature import Signature
from apimig.surface.changes import Change, ChangeKind
from apimig.surface.model import Deprecation
from apimig.surface.model import Kind as What
from apimig.surface.wording import removed_in, since_in

_LONGEST = 400  # characters of what a library says that a rule repeats
_FORMS = {ChangeKind.PROPERTY_TO_METHOD: "property_to_method", ChangeKind.METHOD_TO_PROPERTY: "method_to_property"}
_HOLDING = re.compile(r"propert|memoiz|attribute|cached")
_SENTENCE = re.compile(r"deprecat|remov|\buse|instead|\bwill\b", re.IGNORECASE)
_ITSELF = re.compile(r"\s*:[\w:]+:`[~!]?[\w.]*?(?P<last>\w+)`[\s.]*(?=[A-Z]|$)")
_ROLE = re.compile(r":[\w:]+:`[~!]?\.?([^`]*)`")


@dataclass(frozen=True, slots=True)
class Drafter:
    """Drafts rules; ``examples`` has the names that receivers are written with."""

    migration: Migration
    examples: Examples

    def draft(self, thing: Thing) -> Draft:
        """The best founded one."""
        return self._by_shim(thing) or self._by_text(thing) or self._by_surface(thing) or self._advice(thing)

    def _versions(self, thing: Thing) -> dict[str, str]:
        first, at = Version(self.migration.first.surface.version), self.migration.at
        since = version_of(thing.said.since or since_in(thing.said.text)) if thing.said is not None else ""
        if thing.was.deprecated is not None and since and Version(since) > first:
            since = ""  # it warned before that: the text speaks of another version
        if not thing.gone:
            return {"deprecated": since if since and Version(since) <= Version(at) else at}
        announced = version_of(removed_in(thing.said.text if thing.said is not None else ""))
        gone = announced if announced and first < Version(announced) <= Version(at) else at
        return {"deprecated": since, "removed": gone} if since and Version(since) < Version(gone) else {"removed": gone}

    def _draft(self, thing: Thing, body: Mapping[str, Any], summary: str, kind: Kind, **more: Any) -> Draft:
        evidence = (*more.pop("evidence", ()), *self._evidence(thing))
        member = thing.was.kind in MEMBERS and self.migration.has_class(thing.name)
        owner, _, last = thing.name.rpartition(".")
        stem = f"{owner.rpartition('.')[2]}_{last}" if member and len(thing.names) <= 2 else last
        versions = self._versions(thing)
        if target := more.pop("target", ""):
            known = self.migration.old(target) is not None
            available = self.migration.first.surface.version if known else self.migration.at
            versions = {**versions, "replacement_since": available}
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

    def _evidence(self, thing: Thing) -> Iterator[Evidence]:
        if thing.said is not None and thing.said.text:
            yield Evidence("deprecation", squeezed(thing.said.text), f"{self._speaker(thing)}: {thing.name}")
        elif thing.said is not None and thing.said.replacement:
            yield Evidence("deprecation", f"use {thing.said.replacement}", f"{self._speaker(thing)}: {thing.name}")
        if thing.target:
            yield Evidence("documentation" if thing.sure else "signature", f"{thing.name} -> {thing.target}")

    def _speaker(self, thing: Thing) -> str:
        return str(self.migration.first.surface if thing.was.deprecated is not None else self.migration.last.surface)

    # ----------------------------------------------------------------- what the body of the old one does

    def _by_shim(self, thing: Thing) -> Draft | None:
        if thing.was.name != thing.name and self.migration.new(thing.was.name) is not None:
            return None  # another name of what stays: its body is no shim
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
            made = inlined(shim, thing.was, thing.name, variable, (release.surface, self.migration.last.surface))
            if made is not None and (draft := self._by_template(thing, made, variable, shim.text, found)):
                return draft
        return None

    def _with_body(self, thing: Thing) -> Iterator[Release]:
        """Where the old name still stands: the newest release first."""
        ordered = [
            *([] if thing.gone else [self.migration.last]),
            *reversed(self.migration.through),
            self.migration.first,
        ]
        yield from (each for each in ordered if each.sources is not None)

    def _variable(self, thing: Thing) -> str:
        if thing.was.kind not in (*OF_INSTANCES, What.ATTRIBUTE):
            return "x"
        return self.examples.receiver(thing.name.rpartition(".")[0])[0]

    def _by_base(self, thing: Thing, release: Release, base: str, found: Definition) -> Draft | None:
        known = self.migration.last.surface.offers(release.surface.canonical(base) or base)
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
        if not made.rewrite.strip() or (made.target and self.migration.new(made.target) is None):
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
        now = self.migration.new(target)
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
            self.migration.last.surface,
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
        if (body := self._by_place(thing, found)) is not None:
            summary = f"{shown(thing.name)} became {shown(found.name)}"
            return self._draft(thing, body, summary, Kind.STRUCTURE, target=found.name, applicability="unsafe")
        if found.symbol.signature is None or thing.was.signature is None or _takes_anything(thing.was.signature):
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

    def _by_place(self, thing: Thing, found: Found) -> dict[str, Any] | None:
        """For a function of one argument, which its successor takes under another name, and nothing else must have."""
        old = thing.was.signature.parameters if thing.was.signature else ()
        new = found.symbol.signature.parameters if found.symbol.signature else ()
        needed = [each for each in new if each.default is None and each.kind not in ("*", "**")]
        alone = len(old) == 1 and old[0].kind == "either" and old[0].default is None and needed == list(new[:1])
        if (
            not alone
            or not needed
            or needed[0].kind == "keyword"
            or thing.was.kind in OF_INSTANCES
            or len(thing.names) > 1
        ):
            return None
        hole = f"(${old[0].name})"
        return {"match": f"{thing.name}{hole}", "rewrite": f"{found.name}{hole}", "signature": signature_of(thing.was)}

    def _by_surface(self, thing: Thing) -> Draft | None:
        if not thing.target:
            return None
        return self._renaming(thing, thing.target, applicability="safe" if thing.sure else "unsafe")

    def _renaming(self, thing: Thing, target: str, **more: Any) -> Draft:
        last = target.rpartition(".")[2]
        instance = thing.was.kind in (*OF_INSTANCES, What.ATTRIBUTE) and self.migration.has_class(thing.name)
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
        said = _plain(_words(thing.said, thing.was.last) if thing.said is not None else "")
        what = "is gone" if thing.gone else "is deprecated"
        told = said if _SENTENCE.search(said) else f"{shown(thing.name)} {what}: {said}"
        group = ("advice", said.replace(thing.was.last, "·"), thing.name.rpartition(".")[0]) if said else ()
        if not said:
            group = ("advice", thing.name.rpartition(".")[0], what)
            told = f"What stood in its place in {self.migration.first.surface} {what}"
            told += ", and the release names no successor." if thing.gone else ": see what it warns of."
        return self._draft(
            thing,
            {"api": list(thing.names), "advise": told},
            f"{shown(thing.name)} {what}",
            Kind.ADVICE,
            applicability="manual",
            group=group,
        )

    # ----------------------------------------------------------------- other forms of change

    def forms(self, changes: Sequence[Change]) -> Iterator[Draft]:
        """Properties that became methods, and the other way round: nobody knows without trying, so unsafe."""
        for change in changes:
            was = self.migration.old(change.name) if change.kind in _FORMS else None
            now = self.migration.new(change.name) if was is not None else None
            if was is None or now is None or was.generated or now.generated or self._is_held(change):
                continue
            called = was if change.kind is ChangeKind.METHOD_TO_PROPERTY else now
            required = [p for p in (called.signature.parameters if called.signature else ()) if p.default is None]
            if required:
                continue
            names = self.migration.reduced(change.names or (change.name,))
            thing = Thing(names[0], names, was, now, was.deprecated, gone=True)
            body = {_FORMS[change.kind]: list(names)}
            summary = f"{shown(names[0])}: {change.kind}"
            draft = self._draft(thing, body, summary, Kind.STRUCTURE, applicability="unsafe")
            yield replace(
                draft, versions={"changed": self.migration.at}, evidence=(Evidence("signature", str(change)),)
            )

    def _is_held(self, change: Change) -> bool:
        """Whether what looks like a method is made an attribute by a decorator of the library's own."""
        release = self.migration.first if change.kind is ChangeKind.METHOD_TO_PROPERTY else self.migration.last
        found = release.definition(change.name)
        decorators = getattr(found.node, "decorator_list", ()) if found is not None else ()
        return any(_HOLDING.search(ast.unparse(each)) for each in decorators)


def _takes_anything(signature: Signature) -> bool:
    """Whether all that is given is handed on: what fits is up to whoever gets it."""
    return bool(signature.parameters) and all(each.kind in ("*", "**") for each in signature.parameters)


def _words(said: Deprecation, last: str) -> str:
    """What is said, with what to use instead where that stands apart, and without the name that all is about."""
    named = _ITSELF.match(said.text)
    text = said.text[named.end() :] if named is not None and named["last"] == last else said.text
    instead = said.replacement
    if not instead or instead in text:
        return text
    return f"{text} {instead}" if " " in instead else f"{text} Use `{instead}` instead."


def _plain(text: str) -> str:
    """What a library says, without the marks of its documentation."""
    plain = squeezed(_ROLE.sub(r"`\1`", text).replace("``", "`"))
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 3] + "..."
