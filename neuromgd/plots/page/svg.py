"""A figure as a part of a page: SVG with a text alternative, its looks in the page's one sheet."""

import io
import math
import re
import xml.etree.ElementTree as ET

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogFormatter, NullFormatter

from neuromgd.plots.page.theme import INK, VARIABLES
from neuromgd.shown import one_line, printable

_LINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")


class Looks:
    """Every look that occurs in a page, once: the page allows styles in its one sheet alone."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self.figures = 0

    def name(self, style: str) -> str:
        """Returns the class of a look."""
        return self._names.setdefault(style, f"s{len(self._names)}")

    @property
    def sheet(self) -> str:
        """Their rules."""
        return "\n".join(f".{name}{{{style}}}" for style, name in self._names.items())


def svg(figure: Figure, title: str, described: str, looks: Looks) -> Markup:
    """Returns a figure as markup.

    Args:
        figure: Made inside ``themed``, and still there.
        title: What it shows.
        described: What is to be seen in it, for whoever does not see it.
        looks: Of the page; those of the figure are added.
    """
    _plain_powers(figure)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    # A name may bring in control characters, which no XML can hold.
    root = ET.fromstring(printable(drawn.getvalue().decode()))
    looks.figures += 1
    prefix = f"f{looks.figures}"
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.rpartition("}")[2] in ("metadata", "style"):
                parent.remove(child)
    used = _used(root)
    for element in root.iter():
        _adapt(element, prefix, used, looks)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {"role": "img", "aria-labelledby": f"{prefix}-title {prefix}-desc"}
    for place, (tag, told) in enumerate((("title", title), ("desc", described))):
        element = ET.Element(tag, {"id": f"{prefix}-{tag}"})
        element.text = one_line(told)
        root.insert(place, element)
    return Markup(ET.tostring(root, encoding="unicode"))


def _plain_powers(figure: Figure) -> None:
    """Writes the powers of ten of logarithmic axes without formulas, which themes switch off."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_formatter(), LogFormatter):
                axis.set_major_formatter(FuncFormatter(lambda value, place: power(value)))
                axis.set_minor_formatter(NullFormatter())


def power(value: float) -> str:
    """Returns a power of ten as text.

    Example:
        >>> power(1e-3), power(1.0), power(0.0), power(20.0)
        ('10⁻³', '1', '0', '20')
    """
    exponent = round(math.log10(abs(value))) if value else 0
    if exponent in (0, 1, 2) or not math.isclose(abs(value), 10.0**exponent):
        return f"{value:g}"
    return ("−" if value < 0 else "") + "10" + str(exponent).translate(_RAISED)


def _used(root: ET.Element) -> set[str]:
    """Returns the names that something refers to; no other needs one."""
    used = {element.get(_LINK, "").removeprefix("#") for element in root.iter()}
    for element in root.iter():
        for value in element.attrib.values():
            used |= set(_REFERENCE.findall(value))
    return used


def _adapt(element: ET.Element, prefix: str, used: set[str], looks: Looks) -> None:
    """Takes namespaces off, names a figure's own parts apart, and moves styles to the sheet."""
    element.tag = element.tag.rpartition("}")[2]
    name = element.attrib.pop("id", None)
    if name in used:
        element.set("id", f"{prefix}-{name}")
    link = element.attrib.pop(_LINK, None)
    if link is not None:
        element.set("href", f"#{prefix}-{link[1:]}" if link.startswith("#") else link)
    for key, value in element.attrib.items():
        element.set(key, _REFERENCE.sub(rf"url(#{prefix}-\1)", value))
    style = element.attrib.pop("style", None)
    if style:
        element.set("class", looks.name(_COLOUR.sub(_themed, style.strip().lower().rstrip(";"))))


def _themed(colour: re.Match[str]) -> str:
    if colour[0] == INK:
        return "currentcolor"
    known = VARIABLES.get(colour[0])
    return f"var(--{known})" if known else colour[0]
