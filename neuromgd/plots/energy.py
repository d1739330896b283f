"""Where energy goes: stacked bars, one a row, by what burns it."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from neuromgd.plots.colours import COLOURS
from neuromgd.plots.units import told

# A second turn of colours is hatched.
HATCHES = ("", "///", "...")

# What is below this share of every bar is drawn together, as others.
SMALL = 0.01


def gathered(parts: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Returns the parts, those that are small everywhere added up as ``others``."""
    totals = [sum(values) for values in zip(*parts.values(), strict=True)]
    found: dict[str, list[float]] = {}
    for name, values in parts.items():
        shares = [one / all_ for one, all_ in zip(values, totals, strict=True) if all_]
        key = name if max(shares, default=0.0) >= SMALL else "others"
        before = found.get(key, [0.0] * len(totals))
        found[key] = [old + new for old, new in zip(before, values, strict=True)]
    others = found.pop("others", None)
    return found if others is None or not any(others) else found | {"others": others}


def energy(
    rows: Sequence[str], parts: Mapping[str, Sequence[float]], title: str, is_share: bool = False
) -> Figure:
    """Draws a bar for each row, stacked by parts, with its total beside it.

    Args:
        rows: Names of the bars, such as causes or platforms.
        parts: For each component, its energy in every row [J].
        title: Title of the figure.
        is_share: Whether every bar is as long as the others, for totals that lie far apart.
    """
    stacked = gathered(parts)
    totals = [sum(values) for values in zip(*stacked.values(), strict=True)]
    scale = [total or 1.0 for total in totals] if is_share else [1.0] * len(rows)
    widest = 1.0 if is_share else max(totals) or 1.0
    figure = Figure(figsize=(9, 0.42 * len(rows) + 1.9), layout="constrained")
    axes = figure.subplots()
    left = [0.0] * len(rows)
    for number, (name, values) in enumerate(stacked.items()):
        lengths = [value / size for value, size in zip(values, scale, strict=True)]
        axes.barh(
            range(len(rows)), lengths, left=left, height=0.7, label=name, edgecolor="white",
            color=COLOURS[number % len(COLOURS)], hatch=HATCHES[number // len(COLOURS) % 3],
            linewidth=0.4,
        )  # fmt: skip
        left = [old + new for old, new in zip(left, lengths, strict=True)]
    for row, (end, total) in enumerate(zip(left, totals, strict=True)):
        axes.text(end + 0.01 * widest, row, told(total, "J"), va="center", fontsize=9)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1.14 * widest)
    if is_share:
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.set_xlabel("share of the energy; at the right: the energy [J]")
    else:
        axes.xaxis.set_major_formatter(EngFormatter(unit="J"))
        axes.set_xlabel("energy [J]")
    axes.set_title(title, fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=min(6, len(stacked)), frameon=False, fontsize=9)
    return figure
