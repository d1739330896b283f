"""The quantities that a device sheet can give: their dimensions, their limits, what they say."""

from typing import NamedTuple

INFINITY = float("inf")

NUMBER = ("number",)
# What is told on the scale of the stored value: weight units, the signal that is read, or pulses.
SIGNAL = ("weight", "conductance", "current")
STEP = (*SIGNAL, "pulses")
ALL = (-INFINITY, INFINITY)
NONNEGATIVE = (0.0, INFINITY)
# Above zero, but no float that a chip could tell from zero.
POSITIVE = (1e-30, INFINITY)
FRACTION = (0.0, 1.0)
COUNT = (1.0, 1e18)


class Kind(NamedTuple):
    """What one quantity is.

    Attributes:
        dimensions: That its unit may have.
        limits: Lowest and highest value, in the SI unit.
        meaning: One line.
        is_polynomial: Whether its value is a list of coefficients, ascending powers.
    """

    dimensions: tuple[str, ...]
    limits: tuple[float, float]
    meaning: str
    is_polynomial: bool = False


WINDOW = {
    "weight_min": Kind(("weight",), ALL, "lowest weight; -1 by definition if absent"),
    "weight_max": Kind(("weight",), ALL, "highest weight; +1 by definition if absent"),
    "weight_min_spread": Kind(NUMBER, NONNEGATIVE, "spread between cells of the lowest weight"),
    "weight_max_spread": Kind(NUMBER, NONNEGATIVE, "spread between cells of the highest weight"),
    "reference_spread": Kind(("weight",), NONNEGATIVE, "error of the reference subtracted"),
    "conductance_min": Kind(("conductance",), NONNEGATIVE, "conductance at the lowest weight"),
    "conductance_max": Kind(("conductance",), POSITIVE, "conductance at the highest weight"),
    "current_min": Kind(("current",), NONNEGATIVE, "read current at the lowest weight"),
    "current_max": Kind(("current",), POSITIVE, "read current at the highest weight"),
    "resistance_on": Kind(("resistance",), POSITIVE, "resistance at the highest weight"),
    "on_off_ratio": Kind(NUMBER, (1.000001, INFINITY), "conductance at highest over lowest weight"),
}
PULSE = {
    "update_step": Kind(SIGNAL, POSITIVE, "one pulse at zero weight"),
    "update_step_spread": Kind(NUMBER, NONNEGATIVE, "spread of the step, normal"),
    "update_step_log_spread": Kind(NUMBER, (0, 3), "spread of the step, log-normal: σ of its ln"),
    "update_asymmetry": Kind(NUMBER, (-1, 1), "β: up steps are 1 + β, down steps 1 - β"),
    "up_down": Kind(NUMBER, (-1, 1), "> 0: down steps are 1 - it; < 0: up steps are 1 + it"),
    "update_asymmetry_spread": Kind(NUMBER, NONNEGATIVE, "spread of β"),
    "nonlinearity_up": Kind(NUMBER, FRACTION, "γ: up steps shrink as 1 - γ w/weight_max"),
    "nonlinearity_down": Kind(NUMBER, FRACTION, "γ: down steps shrink as 1 - γ w/weight_min"),
    "nonlinearity_spread": Kind(NUMBER, NONNEGATIVE, "spread of γ"),
    "exponential_size_up": Kind(NUMBER, (-1e6, 1), "A: up steps are 1 - A exp(rate·z)"),
    "exponential_size_down": Kind(NUMBER, (-1e6, 1), "A: down steps are 1 - A exp(-rate·z)"),
    "exponential_rate_up": Kind(NUMBER, (1e-3, 100), "rate of the exponential, up"),
    "exponential_rate_down": Kind(NUMBER, (1e-3, 100), "rate of the exponential, down"),
    "exponential_slope": Kind(NUMBER, (-100, 100), "a of z = 2 a w/range + b"),
    "exponential_offset": Kind(NUMBER, (-100, 100), "b of z = 2 a w/range + b"),
    "neurosim_nonlinearity_up": Kind(NUMBER, (0, 10), "NL label of the up curve"),
    "neurosim_nonlinearity_down": Kind(NUMBER, (-10, 10), "NL of the down curve; > 0 retraces"),
    "neurosim_cycle_noise": Kind(NUMBER, FRACTION, "σ of one pulse as a fraction of the range"),
    "pulses_up": Kind(("pulses", "number", "levels"), COUNT, "pulses from lowest to highest"),
    "pulses_down": Kind(("pulses", "number", "levels"), COUNT, "pulses from highest to lowest"),
    "cycle_noise": Kind(NUMBER, NONNEGATIVE, "σ of a pulse over its own change"),
    "cycle_noise_additive": Kind(NUMBER, NONNEGATIVE, "σ of a pulse over the step at zero weight"),
    "cycle_noise_absolute": Kind(SIGNAL, NONNEGATIVE, "σ of a pulse, whatever its size"),
    "pulses_per_write_max": Kind(("pulses", "number"), COUNT, "pulses that one write can give"),
}
WRITE = {
    "update_noise": Kind(STEP, NONNEGATIVE, "σ of every write, kept by the cell"),
    "write_noise": Kind(STEP, NONNEGATIVE, "σ of what is seen above what is kept"),
    "levels": Kind(("levels", "number"), (2, 1e9), "levels that program-verify can reach"),
    "programming_noise": Kind(
        SIGNAL, (-1e6, 1e6), "σ after programming: c0 + c1 r + … in r = G/Gmax", True
    ),
    "programming_noise_saturation": Kind(
        SIGNAL, POSITIVE, "A of σ = A (1 - exp(-signal/B)) after programming"
    ),
    "programming_noise_scale": Kind(SIGNAL, POSITIVE, "B of σ = A (1 - exp(-signal/B))"),
    "verify_tolerance": Kind(SIGNAL, POSITIVE, "error at which program-verify stops"),
    "verify_iterations_max": Kind(NUMBER, (1, 1e6), "iterations after which it gives up"),
}
PAIR = {
    "refresh_upper": Kind(NUMBER, FRACTION, "place in the window above which a pair is refreshed"),
    "refresh_lower": Kind(NUMBER, FRACTION, "place that both its cells must be above for that"),
    "refresh_noise": Kind(SIGNAL, (-1e6, 1e6), "σ after a refresh: c0 + c1 r + … in G/Gmax", True),
}
RETENTION = {
    "drift_exponent": Kind(NUMBER, (-1, 10), "ν of G ∝ ((t + t0)/t0)^-ν at r = G/Gmax = 1"),
    "drift_exponent_slope": Kind(NUMBER, (-10, 10), "change of ν with ln r"),
    "drift_exponent_min": Kind(NUMBER, NONNEGATIVE, "lowest mean ν"),
    "drift_exponent_max": Kind(NUMBER, NONNEGATIVE, "highest mean ν"),
    "drift_exponent_spread": Kind(NUMBER, (-1, 10), "spread between cells of ν at r = 1"),
    "drift_spread_slope": Kind(NUMBER, (-10, 10), "change of that spread with ln r"),
    "drift_spread_min": Kind(NUMBER, NONNEGATIVE, "lowest spread of ν"),
    "drift_spread_max": Kind(NUMBER, NONNEGATIVE, "highest spread of ν"),
    "drift_reference_time": Kind(("time",), POSITIVE, "t0 of the drift law"),
    "drift_activation_energy": Kind(("energy",), NONNEGATIVE, "Arrhenius energy of the drift"),
    "leak_time": Kind(("time",), POSITIVE, "time constant of the decay to rest"),
    "leak_spread": Kind(NUMBER, NONNEGATIVE, "spread between cells of that time"),
    "leak_rest": Kind(SIGNAL, ALL, "where a cell decays to"),
    "leak_activation_energy": Kind(("energy",), NONNEGATIVE, "Arrhenius energy of the leak"),
    "temperature": Kind(("temperature",), (1e-3, 2000), "at which the numbers hold"),
}
READ = {
    "read_noise": Kind(SIGNAL, NONNEGATIVE, "σ of every reading"),
    "read_noise_relative": Kind(NUMBER, NONNEGATIVE, "σ of every reading over the conductance"),
    "flicker_noise": Kind(NUMBER, NONNEGATIVE, "Q of the 1/f law at r = G/Gmax = 1"),
    "flicker_exponent": Kind(NUMBER, (0, 10), "Q falls as r^-it"),
    "flicker_max": Kind(NUMBER, POSITIVE, "highest Q"),
    "read_time": Kind(("time",), POSITIVE, "integration time of a reading"),
    "read_voltage": Kind(("voltage",), ALL, "of a reading"),
}
RELIABILITY = {
    "stuck_fraction": Kind(NUMBER, FRACTION, "cells stuck anywhere in the window"),
    "stuck_low_fraction": Kind(NUMBER, FRACTION, "cells stuck at the lowest weight"),
    "stuck_high_fraction": Kind(NUMBER, FRACTION, "cells stuck at the highest weight"),
    "stuck_range": Kind(("weight",), POSITIVE, "those stuck anywhere are within ± it"),
    "endurance_cycles": Kind(("cycles", "number"), (1, 1e18), "writes until a cell is stuck"),
    "endurance_spread": Kind(NUMBER, (0, 10), "σ of the ln of that number"),
}
COST = {
    "write_time_up": Kind(("time",), POSITIVE, "width of one up pulse"),
    "write_time_down": Kind(("time",), POSITIVE, "width of one down pulse"),
    "write_voltage_up": Kind(("voltage",), ALL, "height of one up pulse"),
    "write_voltage_down": Kind(("voltage",), ALL, "height of one down pulse"),
    "write_energy": Kind(("energy",), POSITIVE, "of one pulse"),
    "read_energy": Kind(("energy",), POSITIVE, "of one reading of one cell"),
    "hold_power": Kind(("power",), NONNEGATIVE, "while the cell holds its weight"),
    "write_rate": Kind(("frequency",), POSITIVE, "writes a cell can take per second"),
}
KINDS: dict[str, Kind] = WINDOW | PULSE | WRITE | PAIR | RETENTION | READ | RELIABILITY | COST

# Effect -> quantities that give it. An effect without any must be listed under not_modelled.
EFFECTS: dict[str, frozenset[str]] = {
    "spread": frozenset(name for name in KINDS if "spread" in name and name[:5] not in ("drift",)),
    "cycle_noise": frozenset(name for name in PULSE if "cycle_noise" in name),
    "write_noise": frozenset(name for name in WRITE if "noise" in name),
    "retention": frozenset(name for name in RETENTION if name[:5] in ("drift", "leak_")),
    "temperature": frozenset({"drift_activation_energy", "leak_activation_energy"}),
    "read_noise": frozenset(name for name in READ if "noise" in name),
    "stuck": frozenset(name for name in RELIABILITY if "stuck" in name),
    "endurance": frozenset({"endurance_cycles"}),
    "write_time": frozenset({"write_time_up", "write_time_down", "write_rate"}),
    "write_energy": frozenset({"write_energy", "write_voltage_up", "hold_power"}),
}
