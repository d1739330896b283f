"""A figure on the disk: whole or not at all, and never through a link that stands there."""

import io
from pathlib import Path

from matplotlib.figure import Figure

from neuromgd import disk

DOTS_PER_INCH = 150


def save(figure: Figure, path: Path) -> None:
    """Writes a figure into the folder of a run, in the format of its ending.

    Raises:
        OSError: If it cannot be written; what was there before stays.
    """
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=DOTS_PER_INCH, format=path.suffix.removeprefix(".") or "png")
    disk.write(path, drawn.getvalue())
