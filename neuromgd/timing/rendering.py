"""What is known of a run as text for the terminal."""

from typing import Any

_PREFIXES = {
    -18: "a", -15: "f", -12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T",
}  # fmt: skip


def quantity(value: float | None, unit: str) -> str:
    """Returns a number with four digits and an SI prefix; seconds also in minutes and longer."""
    if value is None:
        return "unknown"
    if not value:
        return f"0 {unit}"
    if unit == "s" and value >= 120:
        for size, name in ((31557600, "y"), (86400, "d"), (3600, "h"), (60, "min")):
            if value >= 2 * size:
                return f"{value / size:.4g} {name}"
    power = 0
    while value < 10.0**power * 0.9999 and power > -18:
        power -= 3
    while unit != "s" and value >= 10.0 ** (power + 3) * 0.9999 and power < 12:
        power += 3
    return f"{value / 10.0**power:.4g} {_PREFIXES[power]}{unit}"


def ratio(times: float | None) -> str:
    """Returns how many times as long something takes."""
    return "unknown" if times is None else f"{times:.4g} x"


def arrays(needed: int, there: int | None, fit: str) -> str:
    """Returns how many arrays a network needs, against those of the chip."""
    if there is None:
        return f"{needed:,} needed"
    how = "written anew in turn" if fit == "reload" else "the figures are of a larger one"
    more = f"; MORE THAN THE CHIP HAS, {how}" if needed > there else ""
    return f"{needed:,} needed of {there:,}{more}"


def figures(facts: dict[str, Any]) -> list[str]:
    """Returns power, energy and rates by unit of work as lines."""
    over = facts["is_over_power_limit"]
    limit = "" if over is None else f", of {quantity(facts['power_limit_watts'], 'W')} allowed"
    limit += "; MORE THAN CAN BE COOLED" if over else ""
    per = facts["operations_per_joule"]
    lines = [f"  power                          {quantity(facts['watts'], 'W')}{limit}"]
    lines += [
        f"  {'energy of one ' + what:<30} {quantity(joules, 'J')}"
        for what in ("timestep", "update", "sample", "percent")
        if (joules := facts.get(f"joules_per_{what}")) is not None
    ]
    product = facts["energy_delay_product"]
    told = "unknown" if product is None else f"{product:.4g} J s"
    lines += [
        f"  samples                        {facts['samples_per_second']:.4g} a second",
        f"  passes (2 operations a weight) {facts['operations_per_second'] / 1e12:.4g} TOPS, "
        + ("TOPS/W unknown" if per is None else f"{per / 1e12:.4g} TOPS/W"),
        f"  energy times delay, a timestep {told}",
    ]
    if facts["utilisation"] is not None:
        lines.append(f"  cells used of those arrays     {100 * facts['utilisation']:.3g} %")
    if facts["square_metres"] is not None:
        lines.append(f"  area of what the sheet knows   {facts['square_metres'] * 1e6:.4g} mm2")
    return lines


def what_to_change(facts: dict[str, Any]) -> list[str]:
    """Returns elasticities of the energy, and what halving entries gives, as lines."""
    lines = []
    if facts["energy_elasticities"]:
        lines += ["", "  elasticity d ln E / d ln entry"]
        lines += [
            f"    {name:<28} {share:8.4f}" for name, share in facts["energy_elasticities"].items()
        ]
    if facts["changes"]:
        lines += ["", f"  {'halved, and the clock run again':<48} {'run':>10} {'energy':>10}"]
        lines += [
            f"    {' and '.join(one['entries']):<46} {quantity(one['seconds'], 's'):>10} "
            f"{quantity(one['joules'], 'J'):>10}"
            for one in facts["changes"]
        ]
    return lines


def network(workload: dict[str, Any]) -> str:
    """Returns what a network is, in a few words."""
    if workload["layers"] is not None:
        return "-".join(map(str, workload["layers"]))
    of = workload["network"]
    uses = sum(
        loop["turns"] * one["calls"]
        for loop in of["loops"] for stage in loop["stages"] for one in stage["products"]
    )  # fmt: skip
    copied = f", up to {workload['replicas']} copies of each" * (workload["replicas"] > 1)
    return f"of {len(of['matrices'])} matrices{copied}, {uses:,} products a pass"


def writes(facts: dict[str, Any]) -> list[str]:
    """Returns, for cells or rows that can be passed over, how many writes are priced."""
    if facts["writes_as_counted"] is None:
        return []
    if not facts["writes_as_counted"]:
        return ["  writes: as if every cell were written; a finished run (--run) tells how many"]
    each = facts["workload"]["writes_per_window"]
    return [f"  writes: as the run has counted them, {each:.4g} of a cell in a window"]


def of_use(facts: dict[str, Any]) -> str:
    """Returns how many registers are followed, if there are more."""
    there, used = facts["schedule"]["registers"], facts["registers_of_use"]
    if used is None or used >= there:
        return ""
    return f" (of {there:,} registers no more than {used:,} are ever of use)"


def text(facts: dict[str, Any]) -> str:
    """Returns the report as lines for the terminal."""
    workload, schedule = facts["workload"], facts["schedule"]
    exact = "exact" if facts["is_exact"] else f"mean; ± {quantity(facts['seconds_deviation'], 's')}"
    lines = [
        f"{facts['platform']}: {facts['title']}",
        f"  network {network(workload)}, {facts['synapses']:,} synapses; "
        f"schedule {schedule['name']}{of_use(facts)}; "
        f"tau_sample {workload['tau_sample']}, tau_perturbation {workload['tau_perturbation']}, "
        f"tau_update {workload['tau_update']}",
        *(
            [
                f"  without what training needs: {', '.join(facts['absent_for_training'])}; the "
                "figures are of what the sheet has"
            ]
            if facts["absent_for_training"]
            else []
        ),
        *(
            [f"  arrays: {arrays(facts['arrays_needed'], facts['arrays_there'], workload['fit'])}"]
            if facts["arrays_needed"]
            else []
        ),
        *writes(facts),
        "",
        f"  run of {workload['steps']:,} timesteps  {quantity(facts['seconds'], 's')} ({exact})",
        f"    from the sheet's ranges      {quantity(facts['seconds_low'], 's')} to "
        f"{quantity(facts['seconds_high'], 's')}",
        f"  timestep, writes included      {quantity(facts['steady_seconds_per_timestep'], 's')}",
        f"  sample                         {quantity(facts['steady_seconds_per_sample'], 's')}",
        f"  window                         {quantity(facts['steady_seconds_per_window'], 's')}",
        f"  fill, drain                    {quantity(facts['fill_seconds'], 's')}, "
        f"{quantity(facts['drain_seconds'], 's')}",
        f"  against the papers' clock      {ratio(facts['paper_clock_ratio'])}",
        f"  energy                         {quantity(facts['joules'], 'J')}"
        + (f" (missing: {', '.join(facts['joules_missing'])})" if facts["joules_missing"] else ""),
    ]
    if facts["joules"] is not None:
        lines.append(
            f"    from the sheet's ranges      {quantity(facts['joules_low'], 'J')} to "
            f"{quantity(facts['joules_high'], 'J')}"
        )
    lines += figures(facts)
    if facts["adc"]:
        lines.append(f"  converter energy from          {facts['adc']}")
    lines += ["", f"  critical path (first {facts['stretch_timesteps']} timesteps)"]
    lines += [
        f"    {name:<28} {100 * share:6.2f} %" for name, share in facts["critical_path"].items()
    ]
    lines += ["", f"  {'elasticity d ln T / d ln entry':<30} {'slower':>8} {'faster':>8}"]
    tied = {name for tie in facts["ties"] for name in tie["entries"]}
    lines += [
        f"    {name:<28} {one['slower']:8.4f} {one['faster']:8.4f}{' tie' if name in tied else ''}"
        for name, one in facts["elasticities"].items()
    ]
    lines += [
        f"    {' and '.join(tie['entries'])} are tied: faster together {tie['faster']:.4f}, "
        f"each alone {tie['alone']:.4f} in all"
        for tie in facts["ties"]
    ]
    lines += what_to_change(facts)
    for title, key in (("cause", "joules_by_cause"), ("component", "joules_by_component")):
        lines += ["", f"  energy by {title}"]
        lines += [f"    {name:<28} {quantity(value, 'J')}" for name, value in facts[key].items()]
    lines += ["", f"  {'resource':<28} {'busy':>9} {'blocked':>9} {'idle':>9}   work waited for it"]
    for name, line in facts["ledger"].items():
        whole = line["busy"] + line["blocked"] + line["idle"]
        shares = (f"{100 * line[key] / whole:7.2f} %" for key in ("busy", "blocked", "idle"))
        lines.append(f"    {name:<26} {' '.join(shares)}   {quantity(line['queued'], 's')}")
    if facts["rounded_seconds"]:
        lines += ["", "  rounded to the nearest tick: " + ", ".join(facts["rounded_seconds"])]
    if facts["of_any_size"]:
        lines += ["", "  taken for a chip of any size: " + ", ".join(facts["of_any_size"])]
    lines += ["", "  not modelled: " + "; ".join(facts["not_modelled"])]
    return "\n".join(lines)
