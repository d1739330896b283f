"""The figures that a page tells in words and tables."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from neuromgd.timing.rendering import quantity
from neuromgd.verdict.findings import Findings

# Rows of a table; a longer one is a file.
ROWS = 500


class Grid(NamedTuple):
    """A table.

    Attributes:
        caption: What it tells.
        heads: Of its columns.
        rows: Texts.
        is_number: Whether each column holds numbers.
    """

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    is_number: Sequence[bool]


def facts(found: Findings) -> list[tuple[str, str]]:
    """Returns what is told of a run first, as (name, value)."""
    told, metric = found.summary, found.metric
    if found.kind != "run" or found.state != "finished":
        return [(name, str(told[name])) for name in ("task", "chips", "windows") if name in told]
    score, spread = metric.tell(told[metric.name]), told[f"{metric.name}_std"]
    layers = told["layers"]
    rows = {
        f"test {metric.title}": score + (f" ± {metric.tell(spread)}" if spread else ""),
        "always the same answer": metric.tell(told[f"{metric.name}_chance"]),
        "chips": str(told["chips"]),
        "network": "-".join(map(str, layers)) if layers else told["model"],
        "synapses": _told(told["synapses"], ",.0f"),
        "cell": told["device"] or "as options say",
        "timesteps": f"{told['steps']:,}",
        "cost readings": f"{told['cost_readings']:,}",
        "writes of a synapse": _told(told["writes_per_synapse"], ",.0f"),
        "wall time": quantity(told["wall_seconds"], "s"),
    }
    if told["platform"] is not None:
        rows["platform"] = told["platform"]
        rows["time on the hardware"] = quantity(told["hardware_seconds"], "s")
        rows["energy"] = quantity(told["hardware_joules"], "J")
    return list(rows.items())


def sentences(found: Findings) -> list[str]:
    """Returns what is said below the verdict: wear, bounds, chips that stopped, notes."""
    told, lines = found.summary, []
    if told.get("convergence"):
        lines.append(_sentence(told["convergence"]["told"]))
    if stop := told.get("stop"):
        reached = "reached" if stop["is_reached"] else "did not reach"
        lines.append(f"It {reached} the {stop['at']:g} that it was to stop at, in window"
                     f" {stop['window']:,} of {stop['windows']:,}.")  # fmt: skip
    writes = told.get("writes_per_synapse")
    if found.endurance is not None and writes:
        tested = told.get("tester_pulses_per_cell") or 0.0
        share = (writes + tested) / found.endurance
        lines.append(
            f"Endurance: a cell was written {writes:,.0f} times of {found.endurance:.3g} that it"
            f" bears, {100 * share:.3g} %: {1 / share:,.3g} such runs wear it out."
        )
    elif writes and found.kind == "run":
        lines.append(f"Endurance: a cell was written {writes:,.0f} times; its sheet tells no end.")
    if found.at_bound is not None:
        lines.append(f"{100 * found.at_bound:.3g} % of the cells are at a bound of their window.")
    lines += [
        f"Chip {one['chip']} stopped in window {one['window']}: {one['what']}; likely cause:"
        f" {one['cause']}."
        for one in told.get("stopped", [])
    ]
    return lines + [f"Note: {note}" for note in told.get("notes", [])]


def tables(found: Findings) -> list[Grid]:
    """Returns the tables below the figures of a folder."""
    made = []
    if found.looked:
        rows = [
            (one.name, f"{one.value:.3g}", f"{one.limit:g}", f"{one.value / one.limit:.3g}")
            for one in found.looked if math.isfinite(one.limit)
        ]  # fmt: skip
        made.append(Grid("What was looked at; 1 is the limit", ("figure", "value", "limit",
                         "over its limit"), rows, (False, True, True, True)))  # fmt: skip
    if found.estimates is not None:
        rows = [
            (row["array"], f"{row['angle']:.1f}", _told(row["law_angle"], ".1f"),
             f"{row['length']:.3g}", f"{row['power']:.4g}", _told(row["law_power"], ".4g"))
            for row in found.estimates.rows
        ]  # fmt: skip
        heads = ("array", "angle [°]", "by the law [°]", "length ‖Ĝ‖/‖∇C‖",
                 "power of a window E‖Ĝ‖²/‖∇C‖²", "by the law")  # fmt: skip
        caption = f"Estimates of {found.estimates.samples:,} samples at the end"
        made.append(Grid(caption, heads, rows, (False, *(True,) * 5)))
    if found.sweep is not None:
        made += _of_sweep(found)
    return made


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _of_sweep(found: Findings) -> list[Grid]:
    seen, metric = found.sweep, found.metric
    assert seen is not None
    has_yield = seen["target"] is not None
    heads = [*seen["names"], metric.title, "95 % interval", *(["yield"] if has_yield else []),
             "diverged", "time", "energy", "writes of a cell", "what limits it"]  # fmt: skip
    rows = []
    for point in seen["points"][:ROWS]:
        row = [_value(point[name]) for name in seen["names"]]
        row += [_score(metric, point[metric.name]), _interval(metric, point)]
        if has_yield:
            ends = [f"{100 * point[key]:.0f}" for key in ("yield", "yield_low", "yield_high")]
            row.append("{} % ({} to {})".format(*ends))
        row += [
            str(point["diverged"] or ""), _quantity(point["hardware_seconds"], "s"),
            _quantity(point["hardware_joules"], "J"), _told(point["writes_per_cell"], ",.1f"),
            point["diagnosis"] or point["reason"] or "",
        ]  # fmt: skip
        rows.append(row)
    numbers = [False] * len(seen["names"]) + [True] * (len(heads) - len(seen["names"]) - 1)
    made = [Grid(f"{len(seen['points']):,} points", heads, rows, (*numbers, False))]
    if seen["left_out"]:
        names = seen["names"]
        left = [[*(_value(one.get(name)) for name in names), one["reason"]]
                for one in seen["left_out"]]  # fmt: skip
        made.append(Grid("Left out", [*names, "why"], left, [False] * (len(names) + 1)))
    return made


def compared(runs: Sequence[Findings]) -> Grid:
    """Returns a row for every run: what differs between them, and what they came to."""
    names = [name for name in dict.fromkeys(n for one in runs for n in one.options if n != "task")
             if len({str(one.options.get(name)) for one in runs}) > 1]  # fmt: skip
    heads = ["run", *names, "task", "score", "time", "energy", "writes of a synapse", "timesteps"]
    rows = []
    for one in runs:
        told, metric = one.summary, one.metric
        score = told.get(metric.name)
        spread = told.get(f"{metric.name}_std")
        shown = f"not finished ({one.state})" if score is None else metric.tell(score)
        rows.append([
            one.name, *(_value(one.options.get(name), "default") for name in names), told["task"],
            shown + (f" ± {metric.tell(spread)}" if spread else ""),
            _quantity(told.get("hardware_seconds"), "s"),
            _quantity(told.get("hardware_joules"), "J"),
            _told(told.get("writes_per_synapse"), ",.0f"), _told(told.get("steps"), ","),
        ])  # fmt: skip
    numbers = [False] * (len(names) + 2) + [True] * 5
    return Grid(f"{len(runs)} runs; options in which they differ", heads, rows, numbers)


def _score(metric: Any, score: float | None) -> str:
    return "" if score is None else metric.tell(score)


def _interval(metric: Any, point: dict[str, Any]) -> str:
    low, high = point[f"{metric.name}_low"], point[f"{metric.name}_high"]
    return "" if low is None else f"{metric.tell(low)} to {metric.tell(high)}"


def _quantity(value: float | None, unit: str) -> str:
    return "" if value is None else quantity(value, unit)


def _told(number: int | float | None, form: str) -> str:
    return "" if number is None else format(number, form)


def _value(value: Any, absent: str = "none") -> str:
    if value is None:
        return absent
    if isinstance(value, list):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
