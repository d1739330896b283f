"""Every number of a memory cell, in weight units (w.u.), seconds and kelvin. No JAX.

*Spread* is fixed between cells, *noise* is fresh at each event, ξ a standard normal. r = G/G_max is
the conductance of a cell over the highest one. A number that is absent leaves its effect out of the
compiled program.
"""

from neuromgd.numbers import ANY, COUNT, FRACTION, NONNEGATIVE, POSITIVE, Limits, Number

NUMBER = ("number",)
# What a sheet tells on the scale of the weight: weight units, the signal that is read, or pulses.
SIGNAL = ("weight", "conductance", "current")
STEP = (*SIGNAL, "pulses")
_COEFFICIENTS = (-1e6, 1e6)

STEPS = {
    "update_step": Number("Size dw of one pulse at zero weight; absent: continuous writes",
                          "w.u.", POSITIVE, 1e-3, (), SIGNAL),
    "update_step_spread": Number("σ of dw over its mean, normal: dw_i = dw·|1 + σξ|",
                                 "1", NONNEGATIVE, None, (), NUMBER),
    "update_step_log_spread": Number("σ of ln dw, log-normal about the median: dw_i = dw·e^(σξ)",
                                     "1", (0.0, 3.0), None, (), NUMBER),
    "update_asymmetry": Number("β, upward steps are dw(1 + β), downward ones dw(1 − β)",
                               "1", (-1.0, 1.0), None, (), NUMBER),
    "update_asymmetry_spread": Number("σ of β: β_i = β + σξ", "1", NONNEGATIVE, None, (), NUMBER),
    "weight_min": Number("Lowest weight a cell can hold; a sheet without it says −1",
                         "w.u.", ANY, -1.0, (), ("weight",)),
    "weight_max": Number("Highest weight a cell can hold; a sheet without it says +1",
                         "w.u.", ANY, 1.0, (), ("weight",)),
    "weight_min_spread": Number("σ of weight_min over its mean: bound_i = bound·|1 + σξ|",
                                "1", NONNEGATIVE, None, (), NUMBER),
    "weight_max_spread": Number("σ of weight_max over its mean", "1", NONNEGATIVE, None, (),
                                NUMBER),
    "step_asymmetry_correlation": Number("Correlation of the spreads of dw and of β over the cells",
                                         "1", (-1.0, 1.0), None, (), NUMBER),
    "step_bound_correlation": Number("Correlation of the spread of dw with those of both bounds:"
                                     " where it is above 0, larger steps go with a wider window",
                                     "1", (-1.0, 1.0), None, (), NUMBER),
    "reference_spread": Number("σ of the error of the reference that is subtracted from a cell",
                               "w.u.", NONNEGATIVE, None, (), ("weight",)),
    "zero_shift": Number("Pulses up and down in turn, so many of each, by which a tester finds the"
                         " symmetry point of a cell and sets its reference there",
                         "1", (0.0, 1e6)),
}  # fmt: skip

# Shares of the variance of all spreads.
DIE = {
    "gradient_share": Number("g, share of every spread that is a gradient over the array", "1",
                             FRACTION, None, (), NUMBER),
    "row_share": Number("r, share of every spread that the cells of a row have in common", "1",
                        FRACTION, None, (), NUMBER),
    "column_share": Number("c, the same of a column", "1", FRACTION, None, (), NUMBER),
}  # fmt: skip


def _own(meaning: str, limits: Limits, tried: tuple[float, float], *laws: str) -> Number:
    """Returns a dimensionless number that single laws cannot do without."""
    return Number(meaning, "1", limits, None, laws, NUMBER, is_needed=True, tried=tried)


def _bent(meaning: str) -> Number:
    laws = ("linear", "linear_retrace")
    return _own(meaning, FRACTION, (0.3, 0.9), *laws)._replace(is_needed=False)


def _points(meaning: str, one: list[float], other: list[float]) -> Number:
    """Returns a list of sizes over the window, two points at least, which a sheet alone gives."""
    return Number(meaning, "1", (0.0, 1e6), None, ("pieces",), NUMBER, is_polynomial=True,
                  is_needed=True, tried=(one, other))  # fmt: skip


# Numbers of single laws, which read them from ``Response.law_numbers``.
LAW_NUMBERS = {
    "nonlinearity_up": _bent("γ_up, how far an upward pulse shrinks towards weight_max"),
    "nonlinearity_down": _bent("γ_down, the same downwards towards weight_min"),
    "exponential_size_up": _own("A_up", (-1e6, 1.0), (-1.0, -3.0), "exponential"),
    "exponential_size_down": _own("A_down", (-1e6, 1.0), (-1.0, -3.0), "exponential"),
    "exponential_rate_up": _own("γ_up of e^(γz)", (1e-3, 100.0), (1.0, 3.0), "exponential"),
    "exponential_rate_down": _own("γ_down of e^(−γz)", (1e-3, 100.0), (1.0, 3.0), "exponential"),
    "exponential_slope": _own("a of the position z = 2aw/(w_max − w_min) + b",
                              (-100.0, 100.0), (0.5, 2.0), "exponential"),
    "exponential_offset": _own("b of that position", (-100.0, 100.0), (0.0, 1.0), "exponential"),
    "power_exponent": _own("p of the step dw u^p", (1.0, 10.0), (1.0, 3.0), "power"),
    "pieces_up": _points("f_up, size of an upward pulse over dw at even places of the window, from"
                         " weight_min to weight_max", [1.0, 1.0, 0.5, 0.5], [1.0, 0.3, 0.2, 0.1]),
    "pieces_down": _points("f_down, the same of a downward pulse, in the same order",
                           [0.4, 0.8, 1.0, 1.0], [0.1, 0.2, 0.3, 1.0]),
}  # fmt: skip
PULSES = {
    "power_exponent_spread": Number("σ of p of the power law: p_i = 1 + |p − 1 + σξ|",
                                    "1", NONNEGATIVE, None, (), NUMBER),
    "nonlinearity_spread": Number("σ of both γ of the linear laws: γ_i = |γ + σξ|",
                                  "1", NONNEGATIVE, None, (), NUMBER),
    "cycle_noise": Number("σ of one pulse over its own change", "1", NONNEGATIVE, None, (), NUMBER),
    "cycle_noise_additive": Number("σ of one pulse over the cell's step at zero weight",
                                   "1", NONNEGATIVE, None, (), NUMBER),
    "cycle_noise_absolute": Number("σ of one pulse, whatever its size",
                                   "w.u.", NONNEGATIVE, None, (), SIGNAL),
    "pulses_per_write_max": Number("Pulses that one write can give at most",
                                   "1", COUNT, None, (), ("pulses", "number")),
}  # fmt: skip
PAIRS = {
    "refresh_upper": Number("Place in the window above which a cell has its pair refreshed; cells"
                            " only rise then", "1", FRACTION, None, (), NUMBER),
    "refresh_lower": Number("Place that both cells of a pair must be above for that",
                            "1", FRACTION, None, (), NUMBER),
    "refresh_noise": Number("σ = c0 + c1 r + c2 r² + … of where a cell lands after a refresh",
                            "w.u.", _COEFFICIENTS, None, (), SIGNAL, is_polynomial=True),
}  # fmt: skip
WRITES = {
    "update_noise": Number("σ_θ, fresh noise on every write, kept by the cell",
                           "w.u.", NONNEGATIVE, 1e-4, (), STEP),
    "update_noise_common": Number("σ of one draw that all cells of an array share at a write",
                                  "w.u.", NONNEGATIVE, None, (), STEP),
    "write_noise": Number("σ of what the network sees above the kept weight, until the next write",
                          "w.u.", NONNEGATIVE, 0.005, (), STEP),
    "update_noise_relative": Number("σ_θ over the conductance that is written, beside it", "1",
                                    NONNEGATIVE, None, (), NUMBER),
    "write_noise_relative": Number("σ of write_noise over the conductance, beside it", "1",
                                   NONNEGATIVE, None, (), NUMBER),
    "write_disturb": Number("Change of a cell by a pulse to another one of its row or column,"
                            " in the direction of that pulse", "w.u.", NONNEGATIVE, None, (), STEP),
    "write_threshold": Number("Requests below it are not written; absent: programmed weights take"
                              " their error, other cells the least that they can take",
                              "w.u.", NONNEGATIVE, None, (), STEP),
    "write_threshold_pulses": Number("The same in pulses or levels of nominal size",
                                     "1", NONNEGATIVE),
}  # fmt: skip
PROGRAMMING = {
    "levels": Number("Levels between weight_min and weight_max that program-verify can reach;"
                     " absent: any weight", "1", (2.0, 1e9), None, (), ("levels", "number")),
    "programming_noise": Number("Cells land N(0, σ_prog) off their target,"
                                " σ_prog = c0 + c1 r + c2 r² + …",
                                "w.u.", _COEFFICIENTS, None, (), SIGNAL, is_polynomial=True),
    "programming_noise_saturation": Number("A of σ_prog = A(1 − e^(−r/B))",
                                           "w.u.", NONNEGATIVE, None, (), SIGNAL),
    "programming_noise_scale": Number("B of that; a sheet gives it on the scale of the signal",
                                      "1", POSITIVE, None, (), SIGNAL),
    "verify_tolerance": Number("Error at which program-verify stops; absent: one shot",
                               "w.u.", POSITIVE, None, (), SIGNAL),
    "verify_iterations_max": Number("Iterations after which it gives up; absent: never",
                                    "1", (1.0, 1e6), None, (), NUMBER),
}  # fmt: skip
RELIABILITY = {
    "stuck_fraction": Number("Share of cells stuck anywhere in their window",
                             "1", FRACTION, None, (), NUMBER),
    "stuck_low_fraction": Number("Share of cells stuck at weight_min",
                                 "1", FRACTION, None, (), NUMBER),
    "stuck_high_fraction": Number("Share of cells stuck at weight_max",
                                  "1", FRACTION, None, (), NUMBER),
    "stuck_range": Number("Those stuck anywhere are within ± it; absent: in all of the window",
                          "w.u.", NONNEGATIVE, None, (), ("weight",)),
    "endurance_cycles": Number("N, writes after which a cell is stuck where it is, median",
                               "1", COUNT, None, (), ("cycles", "number")),
    "endurance_spread": Number("σ of the ln of that number: N_i = N·e^(σξ)",
                               "1", (0.0, 10.0), None, (), NUMBER),
    "endurance_closing": Number("k, after n writes 1/(1 + (n/N_i)^k) of the window is left;"
                                " absent: a cell is stuck after N_i", "1", (0.1, 100.0), None, (),
                                NUMBER),
    "endurance_place": Number("Place in its window to which a cell closes; absent: the middle",
                              "1", FRACTION, None, (), NUMBER),
}  # fmt: skip
TIME = {
    "zero_signal_weight": Number("Weight at which a cell conducts nothing: drift pulls there;"
                                 " absent: zero, for ir_drop weight_min", "w.u.", ANY),
    "drift_exponent": Number("ν of G(t) = G((t + t0)/t0)^−ν at r = 1",
                             "1", (-1.0, 10.0), None, (), NUMBER),
    "drift_exponent_slope": Number("Change of ν with ln r", "1", (-10.0, 10.0), None, (), NUMBER),
    "drift_exponent_min": Number("Lowest mean ν", "1", NONNEGATIVE, None, (), NUMBER),
    "drift_exponent_max": Number("Highest mean ν", "1", NONNEGATIVE, None, (), NUMBER),
    "drift_exponent_spread": Number("σ of ν between cells at r = 1: ν_i = |ν + σξ|",
                                    "1", (-1.0, 10.0), None, (), NUMBER),
    "drift_spread_slope": Number("Change of that σ with ln r",
                                 "1", (-10.0, 10.0), None, (), NUMBER),
    "drift_spread_min": Number("Lowest σ of ν", "1", NONNEGATIVE, None, (), NUMBER),
    "drift_spread_max": Number("Highest σ of ν", "1", NONNEGATIVE, None, (), NUMBER),
    "drift_reference_time": Number("t0 of drift and of 1/f noise", "s", POSITIVE, None, (),
                                   ("time",)),
    "drift_activation": Number("Arrhenius energy E of the drift over Boltzmann's constant: its"
                               " clock runs e^(E(1/T0 − 1/T)) faster", "K", NONNEGATIVE),
    "leak_time": Number("τ of the decay e^(−t/τ) to rest", "s", POSITIVE, None, (), ("time",)),
    "leak_spread": Number("σ of τ over its mean: τ_i = τ|1 + σξ|",
                          "1", NONNEGATIVE, None, (), NUMBER),
    "leak_time_slope": Number("p of τ r^p: with p > 0, what conducts more leaks slower",
                              "1", (-10.0, 10.0), None, (), NUMBER),
    "leak_rest": Number("Where a cell decays to; absent: zero weight",
                        "w.u.", ANY, None, (), SIGNAL),
    "leak_activation": Number("Arrhenius energy of the leak over Boltzmann's constant",
                              "K", NONNEGATIVE),
    "relaxation_noise": Number("s of σ = s ln(1 + t/t_s), by which cells part t after a write",
                               "w.u.", NONNEGATIVE, None, (), SIGNAL),
    "relaxation_time": Number("t_s of that", "s", POSITIVE, None, (), ("time",)),
    "conductance_temperature": Number("α of G(T) = G(1 + α(T − T0))", "1/K", (-1.0, 1.0), None, (),
                                      ("inverse temperature",)),
    "conductance_activation": Number("Arrhenius energy E of the conductance over Boltzmann's"
                                     " constant: G(T) = G e^(E(1/T0 − 1/T))", "K", (-1e5, 1e5)),
    "step_temperature": Number("α of the size of a pulse, dw(1 + α(T − T0))", "1/K", (-1.0, 1.0),
                               None, (), ("inverse temperature",)),
    "step_activation": Number("Arrhenius energy of the size of a pulse over Boltzmann's constant",
                              "K", (-1e5, 1e5)),
    "temperature": Number("T of the chip; a sheet's is that at which its numbers hold",
                          "K", (1e-3, 2000), None, (), ("temperature",)),
    "reference_temperature": Number("T0, at which all of them have the numbers above",
                                    "K", (1e-3, 2000)),
}  # fmt: skip
READING = {
    "read_noise": Number("σ of every reading", "w.u.", NONNEGATIVE, None, (), SIGNAL),
    "read_noise_relative": Number("σ of every reading over the conductance",
                                  "1", NONNEGATIVE, None, (), NUMBER),
    "flicker_noise": Number("Q of the 1/f law σ/G = min(Q r^−p, Q_max)·√ln((t + t0 + t_r)/2t_r)",
                            "1", NONNEGATIVE, None, (), NUMBER),
    "flicker_exponent": Number("p: Q falls as r to minus this", "1", (0.0, 10.0), None, (), NUMBER),
    "flicker_max": Number("Q_max, highest Q r^−p", "1", NONNEGATIVE, None, (), NUMBER),
    "read_time": Number("t_r, integration time of a reading", "s", POSITIVE, None, (), ("time",)),
    "pass_time": Number("Time between the two passes of a timestep, whose 1/f noise is common but"
                        " for what is faster; absent: half a timestep, without a clock t_r",
                        "s", POSITIVE),
    "telegraph_noise": Number("Distance of the two levels of random telegraph noise",
                              "w.u.", NONNEGATIVE, None, (), SIGNAL),
    "telegraph_noise_relative": Number("The same over the conductance", "1", NONNEGATIVE, None, (),
                                       NUMBER),
    "telegraph_high_time": Number("τ_high, mean time that a cell stays in the upper level",
                                  "s", POSITIVE, None, (), ("time",)),
    "telegraph_low_time": Number("τ_low, the same in the lower level", "s", POSITIVE, None, (),
                                 ("time",)),
    "telegraph_fraction": Number("Share of cells that have two levels; absent: all",
                                 "1", FRACTION, None, (), NUMBER),
    "telegraph_spread": Number("σ of the ln of the distance: A_i = A·e^(σξ)",
                               "1", (0.0, 3.0), None, (), NUMBER),
    "telegraph_time_spread": Number("σ of the ln of both times of a cell: τ_i = τ·e^(σξ)",
                                    "1", (0.0, 10.0), None, (), NUMBER),
}  # fmt: skip

CELL_NUMBERS: dict[str, Number] = (
    STEPS | DIE | LAW_NUMBERS | PULSES | PAIRS | WRITES | PROGRAMMING | RELIABILITY | TIME | READING
)
