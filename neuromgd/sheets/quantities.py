"""The quantities that a device sheet can give: their dimensions, their limits, what they say."""

from neuromgd.cell_numbers import (
    CELL_NUMBERS,
    NUMBER,
    READING,
    RELIABILITY,
    TIME,
)
from neuromgd.numbers import ANY, COUNT, FRACTION, INFINITY, NONNEGATIVE, POSITIVE, Number


def _only(
    dimensions: tuple[str, ...], unit: str, limits: tuple[float, float], meaning: str
) -> Number:
    return Number(meaning, unit, limits, dimensions=dimensions)


# What a sheet tells in the words of its source, and the cell knows by another number.
WINDOW = {
    "conductance_min": _only(("conductance",), "S", NONNEGATIVE, "Conductance at lowest weight"),
    "conductance_max": _only(("conductance",), "S", POSITIVE, "Conductance at highest weight"),
    "current_min": _only(("current",), "A", NONNEGATIVE, "Read current at lowest weight"),
    "current_max": _only(("current",), "A", POSITIVE, "Read current at highest weight"),
    "resistance_on": _only(("resistance",), "Ω", POSITIVE, "Resistance at the highest weight"),
    "on_off_ratio": _only(
        NUMBER, "1", (1.000001, INFINITY), "Conductance at highest over lowest weight"
    ),
}
PULSE = {
    "up_down": _only(NUMBER, "1", (-1.0, 1.0), "> 0: down steps 1 - it; < 0: up steps 1 + it"),
    "neurosim_nonlinearity_up": _only(NUMBER, "1", (0.0, 10.0), "NL label of the up curve"),
    "neurosim_nonlinearity_down": _only(
        NUMBER, "1", (-10.0, 10.0), "NL of the down curve; > 0 retraces"
    ),
    "neurosim_cycle_noise": _only(
        NUMBER, "1", FRACTION, "σ of one pulse as a fraction of the range"
    ),
    "pulses_up": _only(("pulses", "number", "levels"), "1", COUNT, "Pulses from lowest to highest"),
    "pulses_down": _only(
        ("pulses", "number", "levels"), "1", COUNT, "Pulses from highest to lowest"
    ),
}
ARRHENIUS = {
    "drift_activation_energy": _only(
        ("energy",), "J", NONNEGATIVE, "Arrhenius energy of the drift"
    ),
    "leak_activation_energy": _only(("energy",), "J", NONNEGATIVE, "Arrhenius energy of the leak"),
    "conductance_activation_energy": _only(
        ("energy",), "J", (-1e-18, 1e-18), "Arrhenius energy of the conductance"
    ),
    "step_activation_energy": _only(
        ("energy",), "J", (-1e-18, 1e-18), "Arrhenius energy of the size of a pulse"
    ),
}
COST = {
    "read_voltage": _only(("voltage",), "V", ANY, "Of a reading"),
    "conduction_voltage": _only(
        ("voltage",), "V", POSITIVE, "V0 of I = G V0 sinh(V/V0), G that at small voltages"
    ),
    "write_time_up": _only(("time",), "s", POSITIVE, "Width of one up pulse"),
    "write_time_down": _only(("time",), "s", POSITIVE, "Width of one down pulse"),
    "write_voltage_up": _only(("voltage",), "V", ANY, "Height of one up pulse"),
    "write_voltage_down": _only(("voltage",), "V", ANY, "Height of one down pulse"),
    "write_energy": _only(("energy",), "J", POSITIVE, "Of one pulse"),
    "read_energy": _only(("energy",), "J", POSITIVE, "Of one reading of one cell"),
    "hold_power": _only(("power",), "W", NONNEGATIVE, "While the cell holds its weight"),
    "write_rate": _only(("frequency",), "Hz", POSITIVE, "Writes a cell can take per second"),
}
# What a sheet tells in the words of the model: the cell knows it by the same name.
SAME = {name: number for name, number in CELL_NUMBERS.items() if number.dimensions}
KINDS: dict[str, Number] = WINDOW | SAME | PULSE | ARRHENIUS | COST


def _with(word: str, *groups: dict[str, Number]) -> frozenset[str]:
    return frozenset(name for group in groups for name in group if word in name and name in KINDS)


# Effect -> quantities that give it. An effect without any must be listed under not_modelled.
EFFECTS: dict[str, frozenset[str]] = {
    "spread": _with("spread", KINDS) - _with("drift", TIME) - _with("telegraph", READING),
    "cycle_noise": _with("cycle_noise", KINDS),
    "write_noise": _with("update_noise", KINDS)
    | _with("write_noise", KINDS)
    | _with("programming_noise", KINDS),
    "retention": _with("drift_", TIME)
    | _with("leak_", TIME)
    | _with("relaxation_", TIME)
    | frozenset({"drift_activation_energy", "leak_activation_energy"}),
    "temperature": frozenset(ARRHENIUS)
    | frozenset({"conductance_temperature", "step_temperature"}),
    "read_noise": _with("noise", READING),
    "stuck": _with("stuck", RELIABILITY),
    "endurance": frozenset({"endurance_cycles"}),
    "write_time": frozenset({"write_time_up", "write_time_down", "write_rate"}),
    "write_energy": frozenset({"write_energy", "write_voltage_up", "hold_power"}),
}
