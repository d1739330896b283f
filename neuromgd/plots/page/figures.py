"""The figures of one run: most have one panel, as large on a telephone as on a desk."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter

from neuromgd.plots.colours import CYCLE
from neuromgd.plots.energy import energy as bars
from neuromgd.plots.gantt import gantt
from neuromgd.plots.gradient import against_time
from neuromgd.plots.history import curves, told
from neuromgd.plots.page.panels import LINES, SIZE, Shown, brief, panel, whole
from neuromgd.plots.page.svg import Looks
from neuromgd.verdict.findings import Confusion, Findings, Hardware, Values, Weights

# Arrays whose weights are drawn, and classes that a matrix can show.
ARRAYS, CLASSES = 12, 40


def learning(found: Findings, looks: Looks) -> Iterator[Shown]:
    """Yields the curves of a run: cost and score over epochs, and the score over hardware time."""
    rows, metric = found.rows, found.metric
    costs = [row.cost_per_chip for row in rows]
    scores = [[metric.factor * one for one in row.score_per_chip] for row in rows]
    epochs, chips = [row.epoch for row in rows], told(len(costs[0]))

    def cost(axis: Axes) -> None:
        curves(axis, epochs, costs, "C0")
        axis.set(xlabel="epoch", ylabel="training cost")
        axis.grid(alpha=0.3)

    def score(axis: Axes) -> None:
        curves(axis, epochs, scores, "C1")
        chance = found.summary.get(f"{metric.name}_chance")
        if chance is not None:
            axis.axhline(metric.factor * chance, color="0.5", ls=":",
                         label="always the same answer")  # fmt: skip
            axis.legend(fontsize=8)
        axis.set(xlabel="epoch", ylabel=metric.label)
        axis.grid(alpha=0.3)

    first, last = rows[0], rows[-1]
    from_to = f"over {last.epoch:.3g} epochs; {chips}."
    yield panel("Training cost", f"From {first.cost:.4g} to {last.cost:.4g} {from_to}", looks, cost)
    yield panel(
        metric.label.capitalize(),
        f"From {metric.tell(first.score)} to {metric.tell(last.score)} {from_to}", looks, score,
    )  # fmt: skip
    if last.hardware_seconds is None:
        return
    for key, what, unit, colour in (("hardware_seconds", "time on the hardware", "s", "C2"),
                                    ("hardware_joules", "energy", "J", "C3")):  # fmt: skip
        spent = [getattr(row, key) for row in rows]
        if spent[-1] is None:
            continue

        def over(axis: Axes, spent=spent, what=what, unit=unit, colour=colour) -> None:
            curves(axis, spent, scores, colour)
            axis.set(xlabel=what, ylabel=metric.label, xlim=(0, None))
            axis.xaxis.set_major_formatter(EngFormatter(unit=unit))
            axis.grid(alpha=0.3)

        described = f"{metric.tell(last.score)} after {spent[-1]:.4g} {unit}; {chips}."
        yield panel(f"{metric.title.capitalize()} over {what}", described, looks, over)


def picture(seen: Confusion | Values, looks: Looks) -> Shown | None:
    """Returns what the chips tell on the test set; None: there are more classes than can be shown.

    Of classes it is a matrix, of values a cloud of points.
    """
    if isinstance(seen, Values):
        return panel(
            "Values told and wanted",
            f"{len(seen.wanted)} values that one chip tells of test samples, over those that are"
            " wanted; on the line they are the same.",
            looks, lambda axis: _cloud(axis, seen),
        )  # fmt: skip
    counts = np.asarray(seen.counts, float)
    if len(counts) > CLASSES:
        return None
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    right = ", ".join(f"{name}: {100 * shares[n, n]:.0f} %" for n, name in enumerate(seen.names))
    side = max(3.4, 0.36 * len(counts) + 1.2)
    return panel(
        "Confusion matrix", f"Share of the samples of each class that is told right: {right}.",
        looks, lambda axis: _matrix(axis, shares, seen.names), (side + 0.8, side),
    )  # fmt: skip


def _cloud(axis: Axes, seen: Values) -> None:
    axis.plot(seen.wanted, seen.told, ".", color="C0", ms=4, alpha=0.6)
    ends = [min(seen.wanted), max(seen.wanted)]
    axis.plot(ends, ends, color="0.5", ls=":")
    unit = f" [{seen.unit}]" if seen.unit else ""
    axis.set(xlabel=f"wanted{unit}", ylabel=f"told{unit}")
    axis.grid(alpha=0.3)


def _matrix(axis: Axes, shares: np.ndarray, names: Sequence[str]) -> None:
    count = len(shares)
    axis.pcolormesh(100 * shares, cmap="cividis", vmin=0, vmax=100, edgecolors="face")
    for wanted in range(count):
        for given in range(count):
            share = 100 * shares[wanted, given]
            if share >= 0.5:
                axis.text(given + 0.5, wanted + 0.5, f"{share:.0f}", ha="center", va="center",
                          fontsize=8, color="white" if share < 50 else "black")  # fmt: skip
    places = np.arange(count) + 0.5
    axis.set_xticks(places, [brief(name) for name in names], fontsize=8)
    axis.set_yticks(places, [brief(name) for name in names], fontsize=8)
    axis.set(xlabel="told", ylabel="wanted", title="share of a class [%]")
    axis.invert_yaxis()
    axis.set_aspect("equal")


def weights(arrays: Sequence[Weights], bounds: tuple[float, float] | None, looks: Looks) -> Shown:
    """Returns the distributions of the weights of all arrays."""

    def draw(axis: Axes) -> None:
        for number, one in enumerate(arrays[:ARRAYS]):
            style = LINES[number // len(CYCLE) % len(LINES)]
            colour = f"C{number % len(CYCLE)}"
            axis.stairs(one.shares, one.edges, label=brief(one.name), color=colour, ls=style)
        if bounds is not None and bounds[0] < 0 < bounds[1]:
            for end in bounds:
                axis.axvline(end, color="0.5", ls=":")
        axis.set(xlabel="weight [w.u.]", ylabel="share of the weights", yscale="log")
        axis.legend(fontsize=8)
        axis.grid(alpha=0.3)

    spans = ", ".join(f"{one.name} {one.edges[0]:.3g} to {one.edges[-1]:.3g}" for one in arrays)
    return panel("Trained weights", f"Smallest and largest weight [w.u.]: {spans}.", looks, draw)


def noise(noises: dict[str, float], delta_cost: float, looks: Looks) -> Shown:
    """Returns the noise in one ΔC by its source, beside the mean |ΔC|."""
    order = sorted(noises.items(), key=lambda one: one[1])
    values = [max(sigma, 1e-30) for _, sigma in order]

    def draw(axis: Axes) -> None:
        axis.barh(range(len(order)), values, height=0.6, color="C0")
        axis.axvline(delta_cost, color="C1", lw=1.6)
        axis.text(delta_cost, len(order) - 0.45, "mean |ΔC|", ha="center", va="bottom", fontsize=8)
        axis.set_yticks(range(len(order)), [brief(name) for name, _ in order])
        positive = [one for one in (*values, delta_cost) if one > 1e-29]
        axis.set(xscale="log", xlabel="σ in one ΔC [cost]", ylim=(-0.6, len(order) - 0.1),
                 xlim=(min(positive) / 3, max(positive) * 3))  # fmt: skip
        axis.grid(alpha=0.3, axis="x")

    ratios = ", ".join(f"{delta_cost / sigma:.3g} over {name}" if sigma else f"no {name}"
                       for name, sigma in order[::-1])  # fmt: skip
    size = SIZE[0], 1.3 + 0.4 * len(order)
    return panel("Signal and noise in ΔC", f"Mean |ΔC| over noise: {ratios}.", looks, draw, size)


def estimates(found: Findings, looks: Looks) -> Iterator[Shown]:
    """Yields how near estimates come to the gradient."""
    seen = found.estimates
    assert seen is not None
    for what, title in (("angle", "Angle of estimates to the gradient"),
                        ("length", "Length of estimates over that of the gradient")):  # fmt: skip

        def draw(axis: Axes, what=what) -> None:
            against_time(axis, seen.table, seen.arrays, seen.law, what)
            axis.legend(fontsize=8)

        end = ", ".join(f"{row['array']} {row[what]:.3g}" for row in seen.rows)
        unit = " degrees" if what == "angle" else " times"
        yield panel(title, f"At the end,{unit}: {end}.", looks, draw)


def chart(seen: Hardware, looks: Looks) -> Shown:
    """Returns the Gantt chart of the first timesteps."""
    busy = sorted(seen.busy.items(), key=lambda one: -one[1])
    parts = ", ".join(f"{name} {100 * share:.3g} %" for name, share in busy)
    title, described = "First timesteps on the hardware", f"{seen.title}. Busy in a run: {parts}."
    figure = gantt(seen.intervals, seen.tick, seen.title)
    return whole(figure, title, described, looks)


def energy(seen: Hardware, looks: Looks) -> Shown | None:
    """Returns where the energy of a run goes, by cause and component; None: nobody knows."""
    known = {
        cause: {part: one for part, one in parts.items() if one}
        for cause, parts in seen.joules.items()
    }
    rows = [cause for cause, parts in known.items() if parts]
    if not rows:
        return None
    names = dict.fromkeys(part for parts in known.values() for part in parts)
    of = {part: [known[cause].get(part, 0.0) for cause in rows] for part in names}
    sums = {part: sum(values) for part, values in of.items()}
    total = sum(sums.values())
    parts = ", ".join(f"{part.replace('_', ' ')} {100 * one / total:.3g} %"
                      for part, one in sorted(sums.items(), key=lambda one: -one[1]))  # fmt: skip
    drawn = {brief(part.replace("_", " ")): values for part, values in of.items()}
    figure = bars([brief(row) for row in rows], drawn, f"{seen.name}: energy of the run")
    return whole(figure, "Energy by cause and component", f"Of {total:.4g} J: {parts}.", looks)
