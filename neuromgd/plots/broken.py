"""A time axis on which long stretches without any change are cut short, and marked as broken."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

# A stretch is broken where it is longer than all that is shown whole, times this.
LONG = 1.0

# More breaks than that are no longer read; then the axis stays whole.
MOST = 4

# Width of a broken stretch [share of all that is shown whole].
WIDTH = 0.06


class Stretch(NamedTuple):
    """A part of the axis.

    Attributes:
        start: Where it begins in time.
        end: Where it ends.
        at: Where it begins on paper.
        width: How wide it is there.
        is_broken: Whether it is cut short.
    """

    start: float
    end: float
    at: float
    width: float
    is_broken: bool


class Axis(NamedTuple):
    """Time on paper: as it is, but for what is broken."""

    stretches: tuple[Stretch, ...]

    @property
    def width(self) -> float:
        """Width on paper, in units of time."""
        return self.stretches[-1].at + self.stretches[-1].width

    def at(self, time: float) -> float:
        """Returns where a moment is on paper."""
        for one in self.stretches:
            if time <= one.end or one is self.stretches[-1]:
                share = (time - one.start) / (one.end - one.start)
                return one.at + one.width * share
        raise AssertionError("an axis has a stretch")


def axis(moments: Sequence[float], start: float, end: float, is_broken: bool = True) -> Axis:
    """Returns the axis from start to end.

    Args:
        moments: When anything begins or ends; between two of them nothing changes.
        start: Where it begins.
        end: Where it ends; after that.
        is_broken: Whether long stretches may be cut short.
    """
    edges = sorted({start, end, *(one for one in moments if start < one < end)})
    lengths = sorted(b - a for a, b in pairwise(edges))
    longest, whole = edges[-1] - edges[0], sum(lengths)
    # More than half of the stretches stay whole, or the picture would be of breaks.
    for number in range(max((len(lengths) + 1) // 2, len(lengths) - MOST), len(lengths)):
        if is_broken and lengths[number] > LONG * sum(lengths[:number]):
            longest, whole = lengths[number - 1], sum(lengths[:number])
            break
    stretches, at = [], 0.0
    for first, last in pairwise(edges):
        cut = is_broken and last - first > longest
        width = WIDTH * whole if cut else last - first
        stretches.append(Stretch(first, last, at, width, cut))
        at += width
    return Axis(tuple(stretches))


def ticks(own: Axis, size: float, most: int = 8) -> tuple[list[float], list[str]]:
    """Returns where on paper labels stand, and what they say: times over a size.

    They are multiples of one step, but for those inside of what is broken; its ends are told beside
    it where no label is near.
    """
    from matplotlib.ticker import MaxNLocator

    if not any(one.is_broken for one in own.stretches):
        begin, end = own.stretches[0].start / size, own.stretches[-1].end / size
        wanted = [v for v in MaxNLocator(most).tick_values(begin, end) if begin <= v <= end]
        return [own.at(value * size) for value in wanted], [f"{value:g}" for value in wanted]
    step = float(MaxNLocator(most).tick_values(0, own.width / size)[1]) * size
    decimals = max(0, -math.floor(math.log10(step / size)))
    places: list[float] = []
    labels: list[str] = []
    for one in own.stretches:
        moments = [one.start] if one is own.stretches[0] else []
        if one.is_broken:
            moments += [one.start, one.end]
        else:
            first = -(-one.start // step)
            moments += [n * step for n in range(int(first), int(one.end // step) + 1)]
        for moment in moments:
            place = own.at(moment)
            if not places or place - places[-1] > 0.7 * step:
                places.append(place)
                labels.append(f"{moment / size:.{decimals}f}")
    return places, labels


def mark(axes: Any, own: Axis, scale: float, tell: Any) -> None:
    """Marks what is broken: a pale band, slashes on the axis, and how long it lasts."""
    for one in own.stretches:
        if one.is_broken:
            left, right = one.at * scale, (one.at + one.width) * scale
            axes.axvspan(left, right, color="0.9", zorder=0, lw=0)
            middle = (left + right) / 2
            axes.text(
                middle,
                0,
                "//",
                transform=axes.get_xaxis_transform(),
                ha="center",
                va="center",
                fontsize=11,
                fontweight="bold",
                zorder=5,
            )
            axes.text(
                middle, 1.01, tell(one.end - one.start), transform=axes.get_xaxis_transform(),
                ha="center", va="bottom", fontsize=8,
            )  # fmt: skip
