"""The size of a text is what its bounding box says: ``getsize(t)`` is ``(right - left, bottom)`` of ``getbbox(t)``.

The height counts from the ascender line, not from the top of the ink, so it is the bottom alone; a stroke adds its
width once more. For fonts this is exact. A drawing's ``textbbox`` gives the same for one line; for several it measures
the ink, where ``textsize`` counted whole lines, and in images of modes 1, P, I and F it measures glyphs without
antialiasing. So that is only likely, save for a literal of one line in a font that is named: there the font is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from apimig import Argument, Code, Edit, Refusal, Site

DRAWN = "(text, font=None, spacing=4, direction=None, features=None, language=None, stroke_width=0)"
SIGNATURES = {
    "getsize": "(text, direction=None, features=None, language=None, stroke_width=0)",
    "textsize": DRAWN,
    "multiline_textsize": DRAWN,
}
LAYOUT = "direction=$?direction, features=$?features, language=$?language, stroke_width=$?stroke_width"
BOXES = {
    "getsize": f"$receiver.getbbox($text, {LAYOUT})",
    "textsize": f"$receiver.textbbox((0, 0), $text, font=$?font, spacing=$?spacing, {LAYOUT})",
    "multiline_textsize": f"$receiver.multiline_textbbox((0, 0), $text, font=$?font, spacing=$?spacing, {LAYOUT})",
}
FONTS = ("PIL.ImageFont.FreeTypeFont", "PIL.ImageFont.ImageFont")
ONE_LINE = "pillow/textsize_one_line"  # the rule for what is certain of a drawing's textsize


@dataclass(frozen=True)
class Measure:
    """What is measured: the call, the new call that gives the box, and the stroke that adds to the height."""

    call: Node
    box: Code
    stroke: Code | None


def rewrite(site: Site) -> Edit | Refusal | None:
    """The edit for one use of getsize, textsize or multiline_textsize."""
    if site.call is None or site.receiver is None:
        return Refusal("it is passed on without being called; its successor gives a box instead of a size")
    if site.member.startswith("PIL.ImageFont.TransposedFont"):
        return Refusal("the box of a TransposedFont starts at the ink, where its size counted from the ascender line")
    method = site.member.rpartition(".")[2]
    given = _given(site, SIGNATURES[method])
    if method == "textsize" and _is_one_line(site, given) is not (site.rule == ONE_LINE):
        return None  # the other rule's
    if site.scope.type == "class_definition":
        return Refusal("it stands in a class body, where a new variable would be an attribute of the class")
    measure = _font_asked(site, given) if site.rule == ONE_LINE else _measure(site, site.receiver, method, given)
    return _alone(site, measure) or _inside(site, measure)


def _given(site: Site, signature: str) -> dict[str, Argument]:
    """The arguments by parameter, without a stroke of no width."""
    bound = site.bind(signature)
    unknown = [a for a in (site.call.arguments if site.call else ()) if a.keyword and f"{a.keyword}=" not in signature]
    if "text" not in bound.given or bound.extra or bound.maybe or [a for a in unknown if a.keyword != "text"]:
        raise Refusal("its arguments cannot be told apart")
    given = dict(bound.given)
    if "stroke_width" in given and site.holds(given["stroke_width"], "0") is True:
        del given["stroke_width"]
    return given


def _is_one_line(site: Site, given: dict[str, Argument]) -> bool:
    """Whether the text is a literal of one line, measured in what is surely a font."""
    text = site.node_at(given["text"])
    plain = text.type == "string" and all(child.type != "interpolation" for child in text.children)
    if not plain or "\\" in site.text(text) or "\n" in site.text(text) or "font" not in given:
        return False
    return site.is_a(given["font"], *FONTS) is True


def _font_asked(site: Site, given: dict[str, Argument]) -> Measure:
    rest = {name: argument for name, argument in given.items() if name not in ("font", "spacing")}
    return _measure(site, site.node_at(given["font"]), "getsize", rest)


def _measure(site: Site, receiver: Node, method: str, given: dict[str, Argument]) -> Measure:
    if site.call is None:
        raise Refusal("it is passed on without being called")
    stroke = given.get("stroke_width")
    if stroke is not None and site.node_at(stroke).type not in ("identifier", "integer"):
        raise Refusal("its stroke_width would be evaluated twice; give it a name first")
    names = [name for name in SIGNATURES[method][1:-1].replace("=", ", ").split(", ") if name.isidentifier()]
    fillings = {name: given.get(name) for name in names if f"{name}=$?{name}" in BOXES[method] or name == "text"}
    box = site.code(BOXES[method], None, receiver=receiver, **fillings)
    return Measure(site.call.node, box, None if stroke is None else site.code("$stroke", stroke=stroke))


def _height(site: Site, measure: Measure, template: str, **fillings: Code) -> Code:
    """The height: the box's bottom, and the stroke."""
    bottom = site.code(template, None, **fillings)
    return bottom if measure.stroke is None else site.code("$bottom + $stroke", bottom=bottom, stroke=measure.stroke)


def _side(site: Site, call: Node) -> tuple[Node, int | None]:
    """The whole expression and which side of the size it takes: 0, 1, or None for both."""
    parent = call.parent
    if parent is None or parent.type != "subscript" or parent.child_by_field_name("value") != call:
        return call, None
    keys = [site.text(key) for key in parent.children_by_field_name("subscript")]
    sides = {"0": 0, "-2": 0, "1": 1, "-1": 1}
    return (parent, sides[keys[0]]) if len(keys) == 1 and keys[0] in sides else (call, None)


# ---------------------------------------------------------------------- a statement that only takes the size


def _alone(site: Site, measure: Measure) -> Edit | None:
    """The statements for one that returns or assigns the size or its width; None where it does something else."""
    whole, side = _side(site, measure.call)
    statement = site.statement
    inside = statement.named_children[0] if statement.named_child_count == 1 else None
    if side == 1 or inside is None:
        return None
    if statement.type == "return_statement":
        return _unpacked(site, measure, side, "return ") if inside == whole else None
    if statement.type != "expression_statement" or inside.type != "assignment":
        return None
    targets = inside.child_by_field_name("left")
    if targets is None or inside.child_by_field_name("right") != whole or inside.child_by_field_name("type"):
        return None
    if side is None and (wanted := _wanted(site, targets)) is not None:
        index, name = wanted
        if index == 0:
            return _unpacked(site, measure, 0, f"{name} = ")
        height = _height(site, measure, "$box[3]", box=measure.box)
        return site.replace_statements(statement, statement, f"{name} = $height", height=height)
    return _unpacked(site, measure, side, f"{site.text(targets)} = ")


def _unpacked(site: Site, measure: Measure, side: int | None, use: str) -> Edit:
    left, top, right, bottom = (site.fresh(name, f"text_{name}") for name in ("left", "top", "right", "bottom"))
    size = f"{right} - {left}" if side == 0 else f"{right} - {left}, $height"
    height = _height(site, measure, bottom)
    template = f"{left}, {top}, {right}, {bottom} = $box\n{use}{size}"
    return site.replace_statements(site.statement, site.statement, template, box=measure.box, height=height)


def _wanted(site: Site, targets: Node) -> tuple[int, str] | None:
    """The one of two targets that is read: the other is ``_``, and no ``_`` is read in the scope."""
    names = [site.text(one) for one in targets.named_children]
    if targets.type not in ("pattern_list", "tuple_pattern") or len(names) != 2 or names.count("_") != 1:
        return None
    if any(one.kind == "read" for one in site.references("_")):
        return None
    index = 1 - names.index("_")
    return index, names[index]


# ---------------------------------------------------------------------- a size inside an expression


def _inside(site: Site, measure: Measure) -> Edit:
    """The size in its place; the width needs the box twice, which is named where it stands."""
    whole, side = _side(site, measure.call)
    if side == 1:
        return site.replace(whole, _height(site, measure, "$box[3]", box=measure.box))
    if _in_iterable(whole, site.statement):
        raise Refusal("its box cannot be named in what a comprehension iterates over; assign the size before")
    name = site.fresh("box", "text_box")
    width = site.code(f"({name} := $box)[2] - {name}[0]", box=measure.box)
    if side == 0:
        return site.replace(whole, width)
    pair = site.code("($width, $height)", width=width, height=_height(site, measure, f"{name}[3]"))
    return site.replace(whole, pair)


def _in_iterable(node: Node, statement: Node) -> bool:
    while node != statement and node.parent is not None:
        if node.parent.type == "for_in_clause":
            return True
        node = node.parent
    return False
