"""Which number of a memory cell needs which other: without it, it has no effect or no meaning.

One table for device sheets and options. A need is a list of facts, each of which is enough: the
name of a number, ``law = NAME``, one of the ``WORDS``, or ``not`` and any of these. No JAX.
"""

from collections.abc import Mapping

from neuromgd.cell_numbers import DIE, LAW_NUMBERS
from neuromgd.names import LAWS

# Laws whose cells take what they are asked for, without pulses.
CONTINUOUS = ("ideal", "program_verify")
# Facts that are no number, and how they are told.
WORDS = {
    "pulsed": "pulses (a step, a law other than ideal, no program-verify)",
    "programmed": "program-verify (levels or a programming noise)",
    "spread": "a spread of the cells",
    "tables": "a sheet with [tables]",
    "pair": "is_pair",
    "residue": "a residue, which asks for whole pulses",
    "clock": "a platform or seconds_per_timestep",
    "wires": "array.ir_drop",
    "slow": "a slow cell (transfer.device) that does",
}
_OWN_PULSES = ("pulsed", "not law = lookup")
_TRAPS = ("telegraph_noise | telegraph_noise_relative",)
_TRAPPED = ("telegraph_high_time", "telegraph_low_time", "clock")
_STEP_SPREAD = "update_step_spread | update_step_log_spread"
_DRIFTS = ("drift_exponent",)
_SPREADS = ("drift_exponent_spread",)
_WARM = (
    "drift_activation | leak_activation | conductance_temperature | conductance_activation"
    " | step_temperature | step_activation",
    "temperature",
    "reference_temperature",
)
_SIGNAL = (
    "drift_exponent | leak_time_slope | read_noise_relative | flicker_noise"
    " | telegraph_noise_relative | update_noise_relative | write_noise_relative | programming_noise"
    " | programming_noise_saturation | refresh_noise | conductance_temperature"
    " | conductance_activation | wires",
)

CELL_NEEDS: dict[str, tuple[str, ...]] = {
    "law": ("not programmed", "law = ideal | update_step", "not own law"),
    "law = lookup": ("tables",),
    "law = linear_retrace": ("nonlinearity_down",),
    "pulse_rounding": ("pulsed | levels", "not residue"),
    "seconds_per_timestep": (
        f"drift_exponent | leak_time | flicker_noise | relaxation_noise | {_TRAPS[0]} | slow",
    ),
    "update_step": ("pulsed",),
    "update_step_spread": ("pulsed", "not update_step_log_spread"),
    "update_step_log_spread": ("pulsed",),
    "update_asymmetry": _OWN_PULSES,
    "update_asymmetry_spread": _OWN_PULSES,
    "asymmetry_joining": (
        "update_asymmetry | update_asymmetry_spread",
        _STEP_SPREAD,
        *_OWN_PULSES,
    ),
    "step_asymmetry_correlation": (_STEP_SPREAD, "update_asymmetry_spread", *_OWN_PULSES),
    "step_bound_correlation": (_STEP_SPREAD, "weight_min_spread | weight_max_spread", "pulsed"),
    "weight_min_spread": ("weight_min",),
    "weight_max_spread": ("weight_max",),
    "reference_spread": ("weight_max",),
    "zero_shift": ("pulsed", "not refresh_upper"),
    **dict.fromkeys(DIE, ("spread",)),
    "power_exponent_spread": ("power_exponent", "pulsed"),
    "nonlinearity_spread": ("nonlinearity_up | nonlinearity_down", "pulsed"),
    "nonlinearity_draws": ("nonlinearity_spread", "nonlinearity_up", "nonlinearity_down"),
    "nonlinearity_bound": (
        "nonlinearity_up | nonlinearity_down",
        "weight_min_spread | weight_max_spread",
        "pulsed",
    ),
    "cycle_noise": _OWN_PULSES,
    "cycle_noise_additive": _OWN_PULSES,
    "cycle_noise_absolute": _OWN_PULSES,
    "pulses_per_write_max": ("pulsed",),
    "refresh_upper": ("pair", "weight_min", "weight_max"),
    "refresh_lower": ("refresh_upper",),
    "refresh_noise": ("refresh_upper",),
    "write_threshold_pulses": ("pulsed | levels", "not write_threshold"),
    "programming_noise": ("programmed",),
    "programming_noise_saturation": ("programming_noise_scale",),
    "programming_noise_scale": ("programming_noise_saturation",),
    "verify_tolerance": ("programming_noise | programming_noise_saturation",),
    "verify_iterations_max": ("verify_tolerance",),
    "stuck_range": ("stuck_fraction",),
    "endurance_spread": ("endurance_cycles",),
    "endurance_closing": ("endurance_cycles", "weight_min", "weight_max"),
    "endurance_place": ("endurance_closing",),
    "zero_signal_weight": _SIGNAL,
    "drift_exponent": ("drift_reference_time", "clock"),
    "drift_exponent_slope": _DRIFTS,
    "drift_exponent_min": _DRIFTS,
    "drift_exponent_max": _DRIFTS,
    "drift_exponent_spread": _DRIFTS,
    "drift_spread_slope": _SPREADS,
    "drift_spread_min": _SPREADS,
    "drift_spread_max": _SPREADS,
    "drift_reference_time": ("drift_exponent | flicker_noise",),
    "drift_activation": ("drift_exponent", *_WARM[1:]),
    "leak_time": ("clock",),
    "leak_spread": ("leak_time",),
    "leak_time_slope": ("leak_time",),
    "leak_rest": ("leak_time",),
    "leak_activation": ("leak_time", *_WARM[1:]),
    "relaxation_noise": ("relaxation_time", "clock"),
    "relaxation_time": ("relaxation_noise",),
    "conductance_temperature": _WARM[1:],
    "conductance_activation": _WARM[1:],
    "step_temperature": ("pulsed", *_WARM[1:]),
    "step_activation": ("pulsed", *_WARM[1:]),
    "temperature": (_WARM[0], _WARM[2]),
    "temperature_end": _WARM,
    "reference_temperature": _WARM[:2],
    "flicker_noise": ("read_time", "drift_reference_time"),
    "flicker_exponent": ("flicker_noise",),
    "flicker_max": ("flicker_noise",),
    "read_time": ("flicker_noise",),
    "pass_time": (f"flicker_noise | {_TRAPS[0]}",),
    "telegraph_noise": _TRAPPED,
    "telegraph_noise_relative": _TRAPPED,
    "telegraph_high_time": _TRAPS,
    "telegraph_low_time": _TRAPS,
    "telegraph_fraction": _TRAPS,
    "telegraph_spread": _TRAPS,
    "telegraph_time_spread": _TRAPS,
}
# The number of a law needs the law, and a law the numbers that it cannot do without.
for _name, _number in LAW_NUMBERS.items():
    CELL_NEEDS[_name] = (" | ".join(f"law = {law}" for law in _number.of), "pulsed")
    for _law in _number.of if _number.is_needed else ():
        CELL_NEEDS[f"law = {_law}"] = (*CELL_NEEDS.get(f"law = {_law}", ()), _name)


def needed_by_law(law: str) -> frozenset[str]:
    """Returns the numbers that a law cannot do without, besides the step."""
    return frozenset(n for n, one in LAW_NUMBERS.items() if law in one.of and one.is_needed)


def cell_facts(
    law: str, numbers: Mapping[str, object], is_pair: bool, has_clock: bool, has_tables: bool
) -> frozenset[str]:
    """Returns everything that holds of a cell, as the table of needs tells it."""
    facts = {name for name, number in numbers.items() if number is not None} | {f"law = {law}"}
    is_programmed = facts & {"levels", "programming_noise", "programming_noise_saturation"}
    told = {
        "programmed": is_programmed,
        "pulsed": law in LAWS and law not in CONTINUOUS and not is_programmed
        and "update_step" in facts,
        "spread": any(name.endswith("_spread") for name in facts),
        "tables": has_tables,
        "pair": is_pair,
        "clock": has_clock,
    }  # fmt: skip
    return frozenset(facts | {word for word, holds in told.items() if holds})


def unmet(
    needs: Mapping[str, tuple[str, ...]], name: str, value: object, facts: frozenset[str]
) -> list[str]:
    """Returns the needs of something that nothing meets; []: it has its effect.

    Args:
        needs: The table.
        name: Of what is given.
        value: That it has.
        facts: Everything that holds.
    """
    return [
        need
        for need in (*needs.get(name, ()), *needs.get(f"{name} = {value}", ()))
        if not any(_holds(fact, facts) for fact in need.split(" | "))
    ]


def _holds(fact: str, facts: frozenset[str]) -> bool:
    bare = fact.removeprefix("not ")
    return (bare in facts) != (bare != fact)
