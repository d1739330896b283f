"""Draws the picture of architecture.md: rooms as shelves, and three walks through them.

Run from the root of the repository: python docs/draw_architecture.py
"""

from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt

FIGURE = Path(__file__).parent / "figures" / "architecture.png"

# Floors from the top; neighbours on one floor do not import each other.
FLOORS = [
    ["cli"],
    ["study", "plots"],
    ["verdict"],
    ["fleet"],
    ["characterise", "plan"],
    ["options", "chip"],
    ["synapse", "bus", "network"],
    ["device", "timing", "data"],
    ["sheets"],
]

# Colours that the colour-blind tell apart (Okabe and Ito).
WALKS = [
    ("a number: option → where it acts", "#0072B2", ["cli", "options", "plan", "chip", "bus"]),
    ("a sample → its cost", "#D55E00", ["data", "fleet", "chip", "network", "bus"]),
    ("a ΔC → a write", "#009E73", ["bus", "synapse", "device"]),
]
WIDTH = 9.0


def main() -> None:
    """Draws the picture."""
    figure, axes = plt.subplots(figsize=(8, 6.4))
    places = {}
    for floor, rooms in enumerate(FLOORS):
        for number, room in enumerate(rooms):
            x, y = (number + 0.5) * WIDTH / len(rooms), -floor
            places[room] = x, y
            half = 0.46 * WIDTH / len(rooms)
            box = plt.Rectangle(
                (x - half, y - 0.3), 2 * half, 0.6, facecolor="#f2f2f2", edgecolor="#666666"
            )
            axes.add_patch(box)
            behind = {"facecolor": "#f2f2f2", "edgecolor": "none", "pad": 1.5}
            axes.text(
                x - half + 0.12, y, f"{room}/", ha="left", va="center", fontsize=11, zorder=9,
                bbox=behind,
            )  # fmt: skip
    for number, (label, colour, path) in enumerate(WALKS):
        aside = 0.22 * (number - 1)
        points = [(places[room][0] + 0.45 + aside, places[room][1] + aside / 2) for room in path]
        for start, end in pairwise(points):
            arrow = {"arrowstyle": "-|>", "color": colour, "lw": 2, "shrinkA": 0, "shrinkB": 4}
            axes.annotate("", end, start, arrowprops=arrow)
        axes.plot(*zip(*points, strict=True), "o", color=colour, ms=6, label=label)
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(-len(FLOORS) + 0.5, 0.6)
    axes.axis("off")
    axes.legend(loc="upper right", frameon=False, bbox_to_anchor=(1.0, 1.1), ncols=3, fontsize=9)
    figure.savefig(FIGURE, dpi=130, bbox_inches="tight")


if __name__ == "__main__":
    main()
