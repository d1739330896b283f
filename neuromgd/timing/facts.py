"""A report as a JSON-able dictionary."""

import dataclasses
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from neuromgd.timing.changes import changes
from neuromgd.timing.merit import merit
from neuromgd.timing.report import INTERVAL, Report
from neuromgd.timing.sensitivity import elasticities, energy_elasticities, interval, together
from neuromgd.timing.stretch import first_stretch


def as_dict(report: Report, most_changes: int = 0) -> dict[str, Any]:
    """Returns everything that is known of a run, with plain numbers in SI units.

    Args:
        report: Of the run.
        most_changes: How many changes of the sheet are tried out and told, at most.
    """
    workload, tick = report.workload, report.tick
    steady = float(report.steady_step * tick)
    ends, slopes = interval(report), elasticities(report)
    return {
        "platform": report.platform.name,
        "title": report.platform.title,
        "schedule": report.schedule._asdict(),
        "registers_of_use": report.clockwork.program.registers or None,
        "writes_as_counted": report.writes_as_counted,
        "workload": dataclasses.asdict(workload),
        "synapses": workload.synapses,
        "counts": report.counts,
        "tick_seconds": float(tick),
        "ticks": report.ticks,
        "is_exact": not report.clockwork.program.variance,
        "seconds": report.seconds,
        "seconds_deviation": report.deviation,
        "seconds_95_percent": [
            report.seconds - INTERVAL * report.deviation,
            report.seconds + INTERVAL * report.deviation,
        ],
        "seconds_low": ends.seconds[0],
        "seconds_high": ends.seconds[1],
        "seconds_per_timestep": report.seconds_per_timestep,
        "steady_seconds_per_timestep": steady,
        "steady_seconds_per_sample": steady * workload.tau_sample,
        "steady_seconds_per_window": steady * workload.tau_update,
        "paper_clock_ratio": report.paper_ratio,
        "joules": report.joules,
        "joules_low": ends.joules[0],
        "joules_high": ends.joules[1],
        "joules_missing": list(report.missing),
        "adc": report.platform.adc,
        "joules_by_component": floats(report.energy.by(0)),
        "joules_by_cause": floats(report.energy.by(1)),
        "ledger": {
            name: {key: float(value * tick) for key, value in line._asdict().items()}
            for name, line in report.ledger.items()
        },
        **first_stretch(report),
        **merit(report),
        "energy_elasticities": energy_elasticities(report, slopes),
        "changes": [one._asdict() for one in changes(report, most_changes)] if most_changes else [],
        "elasticities": {name: one._asdict() for name, one in slopes.items()},
        "ties": [one._asdict() for one in together(report, slopes)],
        "rounded_seconds": floats(report.rounded),
        "arrays_needed": report.arrays,
        "arrays_there": report.platform.array.count,
        "of_any_size": list(report.of_any_size),
        "absent_for_training": list(report.absent),
        "not_modelled": list(report.platform.not_modelled),
    }


def floats(numbers: Mapping[str, Fraction | None]) -> dict[str, float | None]:
    """Returns the numbers as floats; what is unknown stays None."""
    return {key: None if value is None else float(value) for key, value in numbers.items()}
