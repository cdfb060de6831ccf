"""Changed signatures -> drafts with ``parameters``: what apimig derives from two surfaces, as a rule file says it.

Operations that only derived rules have (an argument whose mere presence is for a person, say) become advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apimig.mining.candidate import Evidence, Kind
from apimig.mining.releases.drafts import Draft
from apimig.rulebook.rule import ChangeCall, ParameterOp, Rule
from apimig.rulebook.signature import parse_signature
from apimig.surface.changes import Change
from apimig.surface.wording import argument_in

_WITHOUT_EFFECT = re.compile(
    r"no (?:longer (?:has|have) )?(?:any )?effect|(?:is|are|was) unused|is ignored|not used|no impact", re.IGNORECASE
)
_OF_ONE_WAY = re.compile(r"\s*(?:if|when|passing|not setting|unless)\b", re.IGNORECASE)
_SELF = re.compile(r"^\(self(?:, )?")  # `cls` stays: it says that a call through the class gives no receiver
_SENTINELS = re.compile(r"no_?(?:default|value)|'deprecated'|'warn'|<|_NoValue", re.IGNORECASE)


def drafts_of_calls(
    rules: Sequence[Rule], changes: Mapping[str, Sequence[Change]], versions: Mapping[str, str], old: str
) -> Iterator[Draft]:
    """The drafts of derived rules; ``changes`` are those of a callable, by its name; ``old`` names the old release."""
    for rule in rules:
        if isinstance(rule.body, ChangeCall):
            api = tuple(name for name in rule.body.api if not name.endswith(".__init__"))
            found = [each for name in api[:1] for each in changes.get(name, ())]
            yield from _Calls(rule, api, found, versions, old).drafts()


class _Calls:
    def __init__(
        self, rule: Rule, api: tuple[str, ...], changes: Sequence[Change], versions: Mapping[str, str], old: str
    ) -> None:
        assert isinstance(rule.body, ChangeCall)  # noqa: S101 - the caller looked
        self.rule, self.api, self.changes, self.old = rule, api, changes, old
        self.signature = _SELF.sub("(", rule.body.signature)
        self.ops = rule.body.ops
        aspect = rule.id.partition(":")[2]
        self.versions = dict(versions)
        if aspect == "deprecated":
            self.versions = {"deprecated": versions["changed"]}
        elif aspect != "default" and any(op.op in ("remove", "rename") for op in self.ops):
            self.versions = {"removed": versions["changed"]}

    def drafts(self) -> Iterator[Draft]:
        sure: list[dict[str, Any]] = []
        names: list[str] = []
        in_place = self._renamed_in_place()
        if in_place:
            yield self._draft([{"rename": dict([in_place])}], [in_place[0]], unsafe=True)
        for op in self.ops:
            if op.name in in_place:
                continue
            if (written := self._sure(op)) is not None:
                sure.append(written)
                names.append(self._word(op))
            else:
                yield from self._otherwise(op)
        sure, names = self._needed(sure, names)
        if sure and self._is_plain():
            yield self._draft(sure, names)

    def _renamed_in_place(self) -> tuple[str, str] | tuple[()]:
        """The one argument that had to be given and is gone, and the one that must be given now: another name of it."""
        known = parse_signature(self.signature).names
        gone = [op.name for op in self.ops if op.op in ("gone", "remove") and self._is_needed(op.name)]
        wanted = [op.name for op in self.ops if op.op == "require" and op.name and op.name not in known]
        return (gone[0], wanted[0]) if len(gone) == len(wanted) == 1 else ()

    def _is_needed(self, name: str) -> bool:
        found = parse_signature(self.signature).names.get(name)
        return found is not None and found.default is None and found.kind == "either"

    def _needed(self, sure: list[dict[str, Any]], names: list[str]) -> tuple[list[dict[str, Any]], list[str]]:
        """The operations without passing by keyword where all that would be so passed is taken out anyway."""
        count = next((each["keyword_only"] for each in sure if "keyword_only" in each), None)
        if count is None:
            return sure, names
        out = {op.name for op in self.ops if op.op in ("remove", "gone")}
        later = parse_signature(self.signature).positional[count:]
        if not all(each.name in out for each in later):
            return sure, names
        return [each for each in sure if "keyword_only" not in each], [each for each in names if each != "keyword_only"]

    def _is_plain(self) -> bool:
        return not _SENTINELS.search(self.signature.replace("'warn'", "")) or "<" not in self.signature

    @staticmethod
    def _word(op: ParameterOp) -> str:
        return "keyword_only" if op.op == "keyword_only" else op.name

    def _sure(self, op: ParameterOp) -> dict[str, Any] | None:
        """The operation as a rule file has it, where that keeps what calls mean."""
        match op.op:
            case "rename" if not op.value:
                return {"rename": {op.name: op.new}}
            case "remove" if not all(map(_SENTINELS.search, op.holds)) and op.holds:
                return self._replaced(op) or {"remove": {"name": op.name, "holds": self._holds(op)}}
            case "keyword_only":
                return {"keyword_only": op.count}
            case "add":
                return {"add": {op.name: op.value}}
        return None

    @staticmethod
    def _holds(op: ParameterOp) -> list[str]:
        plain = [each for each in op.holds if not _SENTINELS.search(each)]
        return plain or list(op.holds)

    def _replaced(self, op: ParameterOp) -> dict[str, Any] | None:
        """A switch that became another argument: ``sym_pos=True`` is ``assume_a='pos'``."""
        change = self._change(op.name)
        said = argument_in(change.text) if change is not None else None
        if said is None or op.holds[:1] != ("False",) or said.name == op.name:
            return None
        return {"replace": {"name": op.name, "values": {"True": f"{said.name}={said.value}", "False": ""}}}

    def _change(self, parameter: str) -> Change | None:
        return next((each for each in self.changes if each.parameter == parameter), None)

    def _otherwise(self, op: ParameterOp) -> Iterator[Draft]:
        change = self._change(op.name)
        match op.op:
            case "rename":
                yield self._draft([{"rename": {op.name: op.new}}], [op.name], unsafe=True)
            case "explicit":
                if not _SENTINELS.search(op.value):
                    yield self._draft([{"explicit": {op.name: op.value}}], [f"{op.name}_default"], unsafe=True)
            case "remove" if change is not None and _WITHOUT_EFFECT.search(change.text):
                yield self._draft([{"remove": op.name}], [op.name])
            case "remove" | "gone" if not op.name.startswith("*") and not self._is_of_one_way(op, change):
                yield self._advice(op.name, change, present=True)
            case "require" if op.name and not self._takes_more():
                yield self._advice(op.name, change, present=False)

    def _takes_more(self) -> bool:
        """Whether arguments may be given by place that the signature has no name for."""
        return any(each.kind == "*" for each in parse_signature(self.signature).parameters)

    def _is_of_one_way(self, op: ParameterOp, change: Change | None) -> bool:
        """Whether what is said of a parameter is said of one way to use it: of one that must be given it always is."""
        parameter = parse_signature(self.signature).names.get(op.name)
        stays = "deprecated" in self.versions and parameter is not None and parameter.default is None
        return stays or (change is not None and _OF_ONE_WAY.match(change.text) is not None)

    # ----------------------------------------------------------------- drafts

    def _draft(self, operations: list[dict[str, Any]], names: Sequence[str], *, unsafe: bool = False) -> Draft:
        body = {"api": list(self.api), "signature": self.signature, "parameters": operations}
        evidence = tuple(self._evidence(names))
        return Draft(
            body,
            self._summary(operations),
            Kind.PARAMETER,
            self.versions,
            f"{_short(self.api[0])}_{'_'.join(dict.fromkeys(names))}"[:60].rstrip("_"),
            owner=_module(self.api[0]),
            applicability="unsafe" if unsafe else "safe",
            advise=self._said(names),
            evidence=evidence,
            names=self.api,
            support=max(len(evidence), 1),
        )

    def _advice(self, parameter: str, change: Change | None, *, present: bool) -> Draft:
        said = " ".join(change.text.split()) if change is not None else ""
        what = f"`{parameter}` no longer exists" if present else f"`{parameter}` must be given"
        if "deprecated" in self.versions:
            what = f"`{parameter}` is deprecated" if present else f"the default of `{parameter}` will change: give it"
        return Draft(
            {
                "api": list(self.api),
                **self._where(parameter, present=present),
                "advise": f"{what}. {said}".strip().removesuffix(". ") if said else f"{what}.",
            },
            f"{_short(self.api[0], '.')}: {what.replace('`', '')}",
            Kind.PARAMETER,
            self.versions,
            f"{_short(self.api[0])}_{parameter}",
            owner=_module(self.api[0]),
            applicability="manual",
            evidence=tuple(self._evidence([parameter])),
            names=self.api,
        )

    def _where(self, parameter: str, *, present: bool) -> dict[str, Any]:
        """Which calls are meant: every one where the old release does not know the parameter, for none gives it."""
        signature = parse_signature(self.signature)
        if parameter in signature.names or any(each.kind == "**" for each in signature.parameters):
            return {"signature": self.signature, "when": [{"argument": parameter, "present": present}]}
        return {}

    def _summary(self, operations: Sequence[Mapping[str, Any]]) -> str:
        said = "; ".join(filter(None, (_told(each) for each in operations[:3])))
        return f"{_several(self.api)}: {said}"

    def _said(self, names: Sequence[str]) -> str:
        texts = [" ".join(each.text.split()) for each in self.changes if each.parameter in names and each.text]
        return texts[0] if texts else ""

    def _evidence(self, names: Sequence[str]) -> Iterator[Evidence]:
        """What speaks for a rule about these parameters; for passing by keyword all that changed does."""
        about = {name.removesuffix("_default") for name in names}
        told = [each for each in self.changes if each.parameter in about]
        for change in self.changes if "keyword_only" in about or not told else told:
            if change.text:
                yield Evidence("deprecation", " ".join(change.text.split()), f"{self.old}: {change.name}")
            else:
                yield Evidence("signature", str(change), f"{self.old}: {change.name}")


def _told(operation: Mapping[str, Any]) -> str:
    ((kind, said),) = operation.items()
    match kind:
        case "rename":
            return ", ".join(f"{old} became {new}" for old, new in said.items())
        case "remove":
            return f"{said if isinstance(said, str) else said['name']} is gone"
        case "keyword_only":
            return f"what follows {said} arguments is given by keyword" if said else "arguments are given by keyword"
        case "add":
            return f"{', '.join(said)} must be given"
        case "explicit":
            return ", ".join(f"the default of {name} was {value}" for name, value in said.items())
        case "values":
            return ", ".join(f"{said['name']}={old} became {new}" for old, new in said["map"].items())
        case "replace":
            return f"{said['name']} became other arguments"
    return ""


def _several(names: Sequence[str]) -> str:
    shown = ", ".join(_short(each, ".") for each in names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _short(name: str, between: str = "_") -> str:
    """A class's name with its member's, or a function's."""
    parts = name.split(".")
    if len(parts) > 2 and parts[-2][:1].isupper():
        return between.join(parts[-2:])
    return parts[-1]


def _module(name: str) -> str:
    return name.rpartition(".")[0].rpartition(".")[2]
