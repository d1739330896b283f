"""The look of figures inside a page: ink and colours that follow the reader's theme."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import matplotlib
from cycler import cycler

from neuromgd.plots.colours import CYCLE

# Stands for the colour of text until the page gives it.
INK = "#0b0c0d"
# Colour of a figure -> name of the page's own, which is lighter where the background is dark.
VARIABLES = {
    "#0072b2": "blue", "#d55e00": "red", "#009e73": "green", "#cc79a7": "pink",
    "#e69f00": "amber", "#56b4e9": "sky", "#444444": "grey",
}  # fmt: skip

_LOOK: Any = {
    # Text stays text, so that it is small, sharp and in the reader's font; names are no formulas.
    "svg.fonttype": "none", "svg.hashsalt": "neuromgd", "text.parse_math": False,
    "font.family": "sans-serif", "font.size": 10, "axes.titlesize": 10,
    "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none",
    "legend.frameon": False, "axes.prop_cycle": cycler(color=CYCLE),
    "axes.spines.top": False, "axes.spines.right": False,
    **dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "axes.titlecolor", "xtick.color",
         "ytick.color", "legend.labelcolor"), INK),
}  # fmt: skip


@contextlib.contextmanager
def themed() -> Iterator[None]:
    """Draws all figures that are made inside for a page."""
    with matplotlib.rc_context(_LOOK), warnings.catch_warnings():
        # Text stays text: whoever reads the page has letters that are missing here.
        warnings.filterwarnings("ignore", r"Glyph .* missing from font")
        warnings.filterwarnings("ignore", "constrained_layout not applied")  # a name too long
        yield
