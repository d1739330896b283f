"""The figures that a page tells in words and tables."""

import math

from neuromgd.plots.page import many_tables
from neuromgd.plots.page.grid import Grid, told_as
from neuromgd.shown import mean_count
from neuromgd.timing.rendering import quantity
from neuromgd.verdict.findings import Findings


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
        "synapses": told_as(told["synapses"], ",.0f"),
        "cell": told["device"] or "as options say",
        "timesteps": f"{told['steps']:,}",
        "cost readings": f"{told['cost_readings']:,}",
        "writes of a synapse": mean_count(told["writes_per_synapse"]),
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
    written = f"Endurance: a cell was written {mean_count(writes)} times"
    if found.endurance is not None and writes:
        tested = told.get("tester_pulses_per_cell") or 0.0
        share = (writes + tested) / found.endurance
        lines.append(
            f"{written} of {found.endurance:.3g} that it bears, {100 * share:.3g} %:"
            f" {1 / share:,.3g} such runs wear it out."
        )
    elif writes and found.kind == "run":
        lines.append(f"{written}; its sheet tells no end.")
    if found.at_bound is not None:
        lines.append(f"{100 * found.at_bound:.3g} % of the cells are at a bound of their window.")
    lines += [
        f"Chip {one['chip']} stopped in window {one['window']}: {one['what']}; likely cause:"
        f" {one['cause']}."
        for one in told.get("stopped", [])
    ]
    if found.card is not None:
        lines.append(_sentence(found.card.told))
        lines += [f"{found.card.labels[row['number']]}: {row['verdict']}." for row in
                  found.card.rows if row["verdict"]]  # fmt: skip
    if found.front is not None and "runs_worth" in told:
        lines.append(f"Looking took as long as {told['runs_worth']:.3g} whole runs.")
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
            (row["array"], f"{row['angle']:.1f}", told_as(row["law_angle"], ".1f"),
             f"{row['length']:.3g}", f"{row['power']:.4g}", told_as(row["law_power"], ".4g"))
            for row in found.estimates.rows
        ]  # fmt: skip
        heads = ("array", "angle [°]", "by the law [°]", "length ‖Ĝ‖/‖∇C‖",
                 "power of a window E‖Ĝ‖²/‖∇C‖²", "by the law")  # fmt: skip
        caption = f"Estimates of {found.estimates.samples:,} samples at the end"
        made.append(Grid(caption, heads, rows, (False, *(True,) * 5)))
    if found.sweep is not None:
        made += many_tables.swept(found)
    if found.card is not None:
        made.append(many_tables.card(found.card.rows, found.card.labels))
    if (front := found.front) is not None:
        goals = list(front.goals)
        made.append(many_tables.front(front.front, found.metric, front.names, goals))
        left = many_tables.not_run(front.table)
        made += [] if left is None else [left]
    return made


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
