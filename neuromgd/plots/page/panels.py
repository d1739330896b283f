"""A panel of a page: a figure with its title and what is to be seen in it."""

from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuromgd.plots.page.svg import Looks, svg
from neuromgd.shown import one_line

SIZE = (5.0, 3.2)
WIDE = 7.0
# Characters of a name in a figure.
LONGEST = 28
# Of lines that one figure can tell apart, beside colours.
LINES = "-", "--", "-.", ":"


class Shown(NamedTuple):
    """A figure on a page.

    Attributes:
        title: What it shows.
        described: What is to be seen in it.
        svg: It.
        is_wide: Whether it takes the width of the page.
    """

    title: str
    described: str
    svg: Markup
    is_wide: bool = False


def panel(
    title: str, described: str, looks: Looks, draw: Callable[[Axes], None],
    size: tuple[float, float] = SIZE,
) -> Shown:  # fmt: skip
    """Returns a figure of one panel."""
    figure = Figure(figsize=size, layout="constrained")
    draw(figure.subplots())
    return Shown(title, described, svg(figure, title, described, looks))


def whole(figure: Figure, title: str, described: str, looks: Looks) -> Shown:
    """Returns a figure that was drawn as it is; one of several panels takes the whole width."""
    is_wide = figure.get_figwidth() > WIDE
    return Shown(title, described, svg(figure, title, described, looks), is_wide)


def brief(name: str) -> str:
    """Returns a name that a figure has room for; of a path, its end tells most."""
    plain = one_line(name)
    return plain if len(plain) <= LONGEST else f"…{plain[1 - LONGEST :]}"
