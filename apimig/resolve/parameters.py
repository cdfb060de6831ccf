"""What the parameters of the repository's functions hold, and what docstrings say that calls give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apimig.records import UNKNOWN_VALUE, Certainty, Value
from apimig.resolve.core import Core, Frame
from apimig.resolve.definitions import CallSites, FunctionDef, Parameter
from apimig.resolve.docstrings import documented_result, documented_types
from apimig.resolve.interpreter import Interpreter
from apimig.resolve.values import at_most, builtin, instance, join
from apimig.syntax import text_of

if TYPE_CHECKING:
    from apimig.resolve.project import Project


class Parameters:
    """The parameters of one project's functions: annotations, conventions, fixtures, call sites, docstrings."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._fixtures: dict[tuple[str, str], FunctionDef] = {}
        self._call_sites: dict[tuple[str, str], CallSites] = {}

    @property
    def any_passed(self) -> bool:
        """Whether any call of a function of the repository was seen."""
        return bool(self._call_sites)

    def define_fixture(self, definition: FunctionDef) -> None:
        """Remember a fixture of pytest by its file and name."""
        name = definition.name.rpartition(":")[2].rpartition(".")[2]
        self._fixtures[definition.module.source.name, name] = definition

    def pass_value(self, definition: FunctionDef, name: str, value: Value, site: tuple[str, int]) -> None:
        """Remember what one call gives for a parameter."""
        self._call_sites.setdefault((definition.name, name), CallSites()).values[site] = value
        self._project.traces.wrote(value, self._passed, definition.name, name, site)

    def _passed(self, function: str, name: str, site: tuple[str, int]) -> Value | None:
        sites = self._call_sites.get((function, name))
        return None if sites is None else sites.values.get(site)

    def values(self, definition: FunctionDef, module: Interpreter, outer: Frame) -> dict[str, Value]:
        """What each parameter of a function holds, by annotation, convention, fixtures and call sites."""
        values: dict[str, Value] = {}
        for index, parameter in enumerate(definition.parameters):
            value = module.annotation(parameter.annotation, outer)
            if index == 0 and definition.owner and not definition.is_static and parameter.kind == "normal":
                value = module.self_value(definition)
            elif parameter.kind == "*":
                value = builtin("list", value)
            elif parameter.kind == "**":
                value = builtin("dict", builtin("str"), value)
            elif value.is_unknown and (
                parameter.annotation is None or module.names_module(parameter.annotation, outer)
            ):
                value = self._unannotated(definition, parameter.name)
            if parameter.default is not None and text_of(parameter.default) == "None" and not value.is_unknown:
                value = join([value, builtin("NoneType")])
            values[parameter.name] = value
        return values

    def _unannotated(self, definition: FunctionDef, name: str) -> Value:
        sites = self._call_sites.get((definition.name, name))
        if sites is not None:
            found = sites.value()
            if not found.is_unknown:
                return found
        fixture = self._fixture(definition, name)
        if fixture is not None:
            found = at_most(self._project.result_of(fixture), Certainty.INFERRED)
            if fixture.is_fixture and found.instance_names() == {"builtins.iterator"}:
                (one,) = found.types
                found = at_most(one.args[0], Certainty.INFERRED) if one.args else UNKNOWN_VALUE
            return found
        documented = self._documented(definition, name)
        if documented.is_unknown and name not in (definition.documented or {}):
            documented = self._overridden(definition, name)
        return self._project.conventional(name) if documented.is_unknown else documented

    def _overridden(self, definition: FunctionDef, name: str) -> Value:
        """What a parameter holds in the nearest method of the repository that this one overrides and that tells."""
        method = definition.name.rpartition(".")[2]
        for base in self._project.local_mro(definition.owner)[1:]:
            above = self._project.classes[base].methods.get(method) if base in self._project.classes else None
            parameter = _counterpart(definition, name, above) if above is not None else None
            if above is None or parameter is None:
                continue
            value = above.module.annotation(parameter.annotation, outer_frame(above, above.module))
            sites = self._call_sites.get((above.name, parameter.name))
            passed = sites.value() if sites is not None else UNKNOWN_VALUE
            for found in (value, passed, self._documented(above, parameter.name)):
                if not found.is_unknown:
                    return at_most(found, Certainty.INFERRED)
        return UNKNOWN_VALUE

    def _documented(self, definition: FunctionDef, name: str) -> Value:
        """The type that the docstring gives a parameter, where every word of it is a library class."""
        if _beside_rivals(definition):
            return UNKNOWN_VALUE
        if definition.documented is None:
            definition.documented = documented_types(definition.node, self._project.tables.words)
        types = definition.documented.get(name, ())
        found = join(instance(one, reason=f"documented as {one}") for one in types)
        return at_most(found, Certainty.INFERRED)

    def documented_result(self, definition: FunctionDef) -> Value:
        """What the docstring says that a call gives; unknown where it does not, or may mean another library's class."""
        if _beside_rivals(definition):
            return UNKNOWN_VALUE
        if definition.documented_result is None:
            definition.documented_result = documented_result(definition.node, self._project.tables.words)
        names = definition.documented_result
        found = join(instance(one, reason=f"documented to return {one}") for one in names)
        return at_most(found, Certainty.INFERRED)

    def _fixture(self, definition: FunctionDef, name: str) -> FunctionDef | None:
        short = definition.name.rpartition(":")[2].rpartition(".")[2]
        if not (short.startswith("test") or definition.is_fixture):
            return None
        file = definition.module.source.name
        if (file, name) in self._fixtures:
            return self._fixtures[file, name]
        folder = file
        while folder:
            folder = folder.rpartition("/")[0]
            found = self._fixtures.get((f"{folder}/conftest.py" if folder else "conftest.py", name))
            if found is not None:
                return found
        return None


def _counterpart(definition: FunctionDef, name: str, above: FunctionDef) -> Parameter | None:
    """The parameter of the overridden method that ``name`` stands for: of the same name, else at the same place."""
    same = next((one for one in above.parameters if one.name == name), None)
    place = next((index for index, one in enumerate(definition.parameters) if one.name == name), len(above.parameters))
    if same is not None or place >= len(above.parameters):
        return same
    other = above.parameters[place]
    return other if other.kind == "normal" == definition.parameters[place].kind else None


def _beside_rivals(definition: FunctionDef) -> bool:
    """Whether "DataFrame" may be another library's in the docstrings of the file."""
    module = definition.module
    return isinstance(module, Interpreter) and module.imports_any(module.tables.rivals)


def outer_frame(definition: FunctionDef, module: Core) -> Frame:
    """A frame that stands for the scope around a definition when it is run out of order."""
    return Frame(module.lexical.scopes[0], module.frame.flow, "", live=None, owner=definition.owner)
