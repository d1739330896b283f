"""Renews the tables of recipes in results.md and their figure, from what was measured.

``recipes.json`` holds, for every sheet, runs that write at once, the grid of
``examples/recipes_over_devices.py`` on samples held out, and the test of its best point.

Run from the root of the repository: python docs/recipe_tables.py
"""

import json
import re
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

from neuromgd.sheets import device

HERE = Path(__file__).parent
PAGE = HERE / "results.md"
FIGURE = HERE / "figures" / "recipes.png"
FOUND: dict[str, Any] = json.loads((HERE / "recipes.json").read_text(encoding="utf-8"))
# The figure shows one sheet of each technology.
SHOWN = {
    "fefet_jerry2017": "FeFET", "pcm_kuzum2011": "PCM", "epiram_choi2018": "ReRAM (EpiRAM)",
    "ecram_mo_kim2019": "ECRAM", "capacitor_3t1c": "capacitor", "sonos_agrawal2022": "SONOS",
}  # fmt: skip
_MARKED = re.compile(r"(<!-- recipes (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def ideal() -> tuple[float, float]:
    """Accuracy of the ideal cell by the same rule, at its best rate, and the spread of chips."""
    _, accuracy, std = max(FOUND["ideal"], key=lambda one: one[1])
    return accuracy, std


def shares() -> str:
    """Returns how many sheets come how close to the ideal cell."""
    reached = [one["recipe"]["accuracy"] for one in FOUND["sheets"].values() if "recipe" in one]
    top, std = ideal()
    reached.append(top)  # the ideal cell is a sheet as well
    near, nearer = (sum(one >= top - gap for one in reached) for gap in (0.10, 0.05))
    return (
        f"An ideal cell reaches {100 * top:.1f} ± {100 * std:.1f} % by this rule. With a residue"
        f" {near} of {len(FOUND['sheets'])} sheets come within 10 points of it, and {nearer}"
        " within 5.\n"
    )


def table() -> str:
    """Returns a row for every sheet, the best first."""
    lines = [
        "| sheet | written at once, kicked weights | writes | with a residue | writes | recipe |"
        " rate | threshold [w.u.] | writes |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    sheets = FOUND["sheets"]
    for name in sorted(sheets, key=lambda one: -sheets[one].get("recipe", _NOTHING)["accuracy"]):
        once, best = sheets[name].get("at_once"), sheets[name].get("recipe")
        kept = sheets[name].get("named")
        cells = [f"`{name}`", reached(once), "–" if once is None else f"{once['writes']:,.0f}"]
        cells += [reached(kept), "–" if kept is None else count(kept["writes"])]
        if best is None:
            cells += ["–"] * 4
        else:
            cells += [reached(best), f"{best['rate']:g}", f"{best['threshold']:.2g}",
                      f"{best['writes']:.2g}"]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


_NOTHING = {"accuracy": 2.0}


def whole() -> str:
    """Returns a row for every sheet that was trained for the whole budget."""
    lines = [
        "| sheet | held out | test | rate | threshold [w.u.] | writes |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in FOUND["sheets"].items():
        if "whole" in one:
            long = one["whole"]
            lines.append(
                f"| `{name}` | {100 * long['accuracy']:.1f} % | {reached(long['test'])} |"
                f" {long['rate']:g} | {long['threshold']:.2g} | {count(long['test']['writes'])} |"
            )
    return "\n".join(lines) + "\n"


def reached(one: dict[str, Any] | None) -> str:
    """Accuracy of a run and the spread of its chips."""
    return "–" if one is None else f"{100 * one['accuracy']:.1f} ± {100 * one['std']:.1f} %"


def count(writes: float) -> str:
    """A mean number of writes: two digits, and no exponent."""
    return f"{writes:,.0f}" if writes >= 10 else f"{writes:.2g}"


def page(text: str) -> str:
    """Returns the page with its tables made anew."""
    made = {"table": table, "whole": whole, "shares": shares}
    return _MARKED.sub(lambda found: found[1] + made[found[2]]() + found[3], text)


def front(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Returns the points (writes, accuracy) that no other beats with fewer writes."""
    best: list[tuple[float, float]] = []
    for writes, accuracy in sorted(points):
        if writes > 0 and (not best or accuracy > best[-1][1]):
            best.append((writes, accuracy))
    return best


def draw() -> None:
    """Draws accuracy against writes of a cell for one sheet of each technology."""
    figure, panels = plt.subplots(2, 3, figsize=(9, 5.4), layout="constrained", sharey=True)
    for axes, (name, technology) in zip(panels.flat, SHOWN.items(), strict=True):
        one = FOUND["sheets"][name]
        once = one["at_once"]
        windows = once["history"][-1][0]
        grown = [(once["writes"] * window / windows, score) for window, score in once["history"]]
        axes.plot(*zip(*grown, strict=True), "s-", color="0.5", ms=4,
                  label="at once, kicked weights (while it learns)")  # fmt: skip
        if "node_at_once" in one:
            best = max(one["node_at_once"], key=lambda point: point[1])
            axes.plot(best[2], best[1], "D", color="tab:orange", label="at once, kicked neurons")
        kept = front([(writes, accuracy) for _, _, accuracy, writes in one["grid"]])
        axes.plot(*zip(*kept, strict=True), "o-", color="tab:blue", ms=4,
                  label="residue, kicked neurons (best for its writes)")  # fmt: skip
        rated = device.load(name).cell().numbers.get("endurance_cycles")
        if rated is not None:
            axes.axvline(float(rated), color="tab:red", ls="--", label="rated endurance")
        axes.axhline(ideal()[0], color="0.8", lw=1)
        axes.axhline(0.1, color="0.8", lw=1, ls=":")
        axes.set(xscale="log", ylim=(0, 1), title=f"{technology}: {name}")
        axes.title.set_fontsize(9)
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("writes of a cell")
    figure.supylabel("accuracy on MNIST")
    known: dict[str, Any] = {}
    for axes in panels.flat:
        known |= {
            label: line for line, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
    figure.legend(known.values(), known.keys(), loc="outside upper center", ncols=2, fontsize=8)
    figure.savefig(FIGURE, dpi=130)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    draw()
