"""Every number of a memory cell: when it is nothing, when it is much, and what is then seen.

A technology has every effect that it can have, each at a strength that is nothing. One compiled
program then serves all strengths of all its effects.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from neuromgd.cell_numbers import DIE, LAW_NUMBERS
from neuromgd.names import LAWS

# Numbers that are nothing, and others that an effect is meaningless without.
LINEAR = dict(
    update_step=0.01, update_step_spread=0, update_asymmetry=0, update_asymmetry_spread=0,
    weight_min=-1, weight_max=1, weight_min_spread=0, weight_max_spread=0, reference_spread=0,
    step_asymmetry_correlation=0, step_bound_correlation=0,
    gradient_share=0, row_share=0, column_share=0,
    zero_shift=0, nonlinearity_up=0, nonlinearity_down=0, nonlinearity_spread=0, cycle_noise=0,
    cycle_noise_additive=0, cycle_noise_absolute=0, pulses_per_write_max=1e9, update_noise=0,
    update_noise_common=0, write_noise=0, write_threshold=0, stuck_fraction=0, stuck_low_fraction=0,
    stuck_high_fraction=0, stuck_range=1e9, endurance_cycles=1e9, endurance_spread=0,
    zero_signal_weight=0, drift_exponent=0, drift_exponent_slope=0, drift_exponent_min=0,
    drift_exponent_max=1e9, drift_exponent_spread=0, drift_spread_slope=0, drift_spread_min=0,
    drift_spread_max=1e9, drift_reference_time=1e-3, drift_activation=0, leak_time=1e9,
    leak_spread=0, leak_time_slope=0, leak_rest=0, leak_activation=0, temperature=300,
    reference_temperature=300,
    read_noise=0, read_noise_relative=0, flicker_noise=0, flicker_exponent=0, flicker_max=1e9,
    read_time=1e-6,
)  # fmt: skip
TECHNOLOGIES: dict[str, dict[str, Any]] = {
    "linear": LINEAR,
    "log_normal": dict(
        update_step=0.01, weight_min=-1, weight_max=1, update_step_log_spread=0,
        write_threshold_pulses=0, zero_signal_weight=-1, telegraph_noise=0,
        telegraph_noise_relative=0, telegraph_high_time=2e-3, telegraph_low_time=1e-3,
        telegraph_fraction=1, telegraph_spread=0, telegraph_time_spread=0, relaxation_noise=0,
        relaxation_time=1e-3, endurance_cycles=1e9, endurance_closing=2, endurance_place=0.5,
        update_noise_relative=0, write_noise_relative=0, write_disturb=0,
        conductance_temperature=0, conductance_activation=0, step_temperature=0, step_activation=0,
        temperature=300, reference_temperature=300,
    ),
    "exponential": dict(
        update_step=0.01, weight_min=-1, weight_max=1, exponential_size_up=0,
        exponential_size_down=0, exponential_rate_up=2, exponential_rate_down=2,
        exponential_slope=0.5, exponential_offset=0,
    ),
    "levels": dict(weight_min=-1, weight_max=1, levels=20_001, programming_noise=[0, 0]),
    "programmed": dict(
        weight_min=-1, weight_max=1, zero_signal_weight=-1, programming_noise=[0, 0],
        programming_noise_saturation=0, programming_noise_scale=0.5, verify_tolerance=1e9,
        verify_iterations_max=1e6,
    ),
    "pair": dict(
        update_step=0.01, weight_min=0, weight_max=2, zero_signal_weight=0, refresh_upper=1,
        refresh_lower=0, refresh_noise=[0, 0],
    ),
}  # fmt: skip
# A law is a technology of its own; what its numbers do is told in EFFECTS, or only that they do.
for law in LAWS:
    numbers = {name: n.tried[0] for name, n in LAW_NUMBERS.items() if law in n.of}
    if numbers and law not in TECHNOLOGIES:
        TECHNOLOGIES[law] = dict(update_step=0.01, weight_min=-1, weight_max=1) | numbers
TECHNOLOGIES["power"] |= dict(power_exponent_spread=0)
PAIRED = {"pair"}


class Outcome(NamedTuple):
    """What a training run leaves, all arrays of a chip in one row.

    Attributes:
        weight: (synapses,) that the network sees [w.u.].
        kept: (cells,) that the cells keep [w.u.].
        writes: (cells,) each cell has had [1].
        cost: (windows,) that was measured.
    """

    weight: np.ndarray
    kept: np.ndarray
    writes: np.ndarray
    cost: np.ndarray


def size(outcome: Outcome) -> float:
    return float(np.abs(outcome.weight).mean())


def mean(outcome: Outcome) -> float:
    return float(outcome.weight.mean())


def distance(one: Outcome, other: Outcome) -> float:
    return float(np.abs(one.weight - other.weight).max())


# Ways in which a run with an effect (its second argument) differs from one without.
Seen = Callable[[Outcome, Outcome], bool]
differs: Seen = lambda without, some: distance(without, some) > 1e-3
smaller: Seen = lambda without, some: size(some) < 0.97 * size(without)
larger: Seen = lambda without, some: size(some) > 1.03 * size(without)
higher: Seen = lambda without, some: mean(some) > mean(without) + 5e-3
lower: Seen = lambda without, some: mean(some) < mean(without) - 5e-3
fewer_writes: Seen = lambda without, some: some.writes.sum() < 0.8 * without.writes.sum()
more_writes: Seen = lambda without, some: some.writes.sum() > 1.1 * without.writes.sum()
# The first window is measured on the weights that the chip was made with.
other_costs: Seen = lambda without, some: abs(some.cost[0] - without.cost[0]) > 1e-4


def within(low: float, high: float) -> Seen:
    return lambda without, some: bool(
        (some.kept.min() >= low - 1e-6) & (some.kept.max() <= high + 1e-6)
        and distance(without, some) > 1e-3
    )


def share_at(place: float, share: float) -> Seen:
    """That of many cells about a share is at one place."""
    return lambda without, some: (
        abs(np.mean(np.abs(some.kept - place) < 1e-6) - share) < 0.15
        and not np.any(np.abs(without.kept - place) < 1e-6)
    )


def written_at_most(times: int) -> Seen:
    return lambda without, some: some.writes.max() <= times < without.writes.max()


def on_grid(step: float) -> Seen:
    def is_on_grid(without: Outcome, some: Outcome) -> bool:
        off = np.abs((some.kept + 1) / step - np.round((some.kept + 1) / step))
        moved = some.writes > 0
        return bool((off[moved] < 1e-4).all()) and differs(without, some)

    return is_on_grid


class Effect(NamedTuple):
    """One number of a cell.

    Attributes:
        much: A strength that must be seen.
        seen: How.
        has_none: Whether the technology's strength is the same as absence.
        beside: Other numbers, for the effect to show at all; they stand without it, too.
        is_random: Whether it is drawn for every cell on its own.
        technology: That it is tried on.
    """

    much: Any
    seen: Seen
    has_none: bool = True
    beside: Mapping[str, Any] = MappingProxyType({})
    is_random: bool = False
    technology: str = "linear"


def noise(much: Any, **beside: Any) -> Effect:
    return Effect(much, differs, beside=beside, is_random=True)


WEAR = dict(endurance_cycles=2)
TRAP = dict(telegraph_noise=0.1)
TRAPPED = noise(0)._replace(technology="log_normal")
DRIFT = dict(drift_exponent=0.1)
LEAK = dict(leak_time=0.05)
WARM = dict(temperature=330, reference_temperature=300)
HEATED = Effect(0, other_costs, True, dict(temperature=330), technology="log_normal")
EFFECTS: dict[str, Effect] = {
    "update_step": Effect(0.1, fewer_writes, has_none=False),
    "update_step_spread": noise(0.3),
    "update_step_log_spread": noise(0.7)._replace(technology="log_normal"),
    "update_asymmetry": Effect(0.5, higher),
    "update_asymmetry_spread": noise(0.3),
    "weight_min": Effect(-0.1, within(-0.1, 1), has_none=False),
    "weight_max": Effect(0.1, within(-1, 0.1), has_none=False),
    "weight_min_spread": noise(0.3, weight_min=-0.1),
    "weight_max_spread": noise(0.3, weight_max=0.1),
    "reference_spread": noise(0.3, nonlinearity_up=0.9, nonlinearity_down=0.9),
    # γ_up makes the symmetry point of a cell its own: what it starts from is held less well.
    "zero_shift": Effect(200, differs, beside=dict(update_asymmetry=0.3, nonlinearity_up=1)),
    "nonlinearity_up": Effect(1, lower),
    "nonlinearity_down": Effect(1, smaller),
    "nonlinearity_spread": noise(0.5),
    "power_exponent_spread": noise(0.7)._replace(technology="power"),
    "step_asymmetry_correlation": Effect(
        0.9, differs, beside=dict(update_step_spread=0.3, update_asymmetry_spread=0.3)
    ),
    "step_bound_correlation": Effect(
        0.9, differs, beside=dict(update_step_spread=0.3, weight_max=0.1, weight_max_spread=0.3)
    ),
    "cycle_noise": noise(0.5),
    "cycle_noise_additive": noise(0.5),
    "cycle_noise_absolute": noise(0.01),
    "pulses_per_write_max": Effect(1, smaller),
    "update_noise": noise(0.05),
    "update_noise_common": Effect(0.05, differs),
    "write_noise": noise(0.05),
    "write_threshold": Effect(0.1, fewer_writes),
    "write_threshold_pulses": Effect(10, fewer_writes, technology="log_normal"),
    "stuck_fraction": noise(0.5),
    "stuck_low_fraction": noise(0.5)._replace(seen=share_at(-1, 0.5)),
    "stuck_high_fraction": noise(0.5)._replace(seen=share_at(1, 0.5)),
    "stuck_range": Effect(0.01, smaller, beside=dict(stuck_fraction=0.9)),
    "endurance_cycles": Effect(2, written_at_most(2)),
    "endurance_spread": noise(0.7, endurance_cycles=2),
    "zero_signal_weight": Effect(-1, lower, beside=DRIFT),
    "drift_exponent": Effect(0.1, smaller),
    "drift_exponent_slope": Effect(-0.1, smaller, beside=DRIFT),
    "drift_exponent_min": Effect(0.1, smaller),
    "drift_exponent_max": Effect(0.01, larger, beside=DRIFT),
    "drift_exponent_spread": noise(0.1, **DRIFT),
    "drift_spread_slope": noise(-0.05, drift_exponent_spread=0.05, **DRIFT),
    "drift_spread_min": noise(0.1, **DRIFT),
    "drift_spread_max": Effect(0.0, differs, beside=dict(drift_exponent_spread=0.1, **DRIFT)),
    "drift_reference_time": Effect(1.0, larger, has_none=False, beside=DRIFT),
    "drift_activation": Effect(8_000, smaller, beside=DRIFT | WARM),
    "leak_time": Effect(0.05, smaller),
    "leak_spread": noise(0.3, **LEAK),
    "leak_time_slope": Effect(1, smaller, beside=LEAK),
    "leak_rest": Effect(0.5, higher, beside=LEAK),
    "leak_activation": Effect(8_000, smaller, beside=LEAK | WARM),
    "conductance_temperature": HEATED._replace(much=-5e-3),
    "conductance_activation": HEATED._replace(much=500),
    "step_temperature": HEATED._replace(much=0.02, seen=larger),
    "step_activation": HEATED._replace(much=1_000, seen=larger),
    "temperature": Effect(330, smaller, beside=LEAK | dict(leak_activation=8_000)),
    "reference_temperature": Effect(
        270, smaller, has_none=False, beside=LEAK | dict(leak_activation=8_000)
    ),
    "read_noise": Effect(0.1, other_costs),
    "read_noise_relative": Effect(0.3, other_costs),
    "flicker_noise": Effect(0.1, other_costs),
    "flicker_exponent": Effect(0.65, other_costs, beside=dict(flicker_noise=0.1)),
    "flicker_max": Effect(0.01, other_costs, beside=dict(flicker_noise=0.1)),
    "read_time": Effect(1e-4, other_costs, has_none=False, beside=dict(flicker_noise=0.1)),
    "pass_time": Effect(1e-3, other_costs, has_none=False, beside=dict(flicker_noise=0.1)),
    "telegraph_noise": TRAPPED._replace(much=0.1),
    "telegraph_noise_relative": TRAPPED._replace(much=0.1),
    "telegraph_high_time": TRAPPED._replace(much=1e-4, has_none=False, beside=TRAP),
    "telegraph_low_time": TRAPPED._replace(much=1e-4, has_none=False, beside=TRAP),
    "telegraph_fraction": TRAPPED._replace(much=0.5, beside=TRAP),
    "telegraph_spread": TRAPPED._replace(much=0.7, beside=TRAP),
    "telegraph_time_spread": TRAPPED._replace(much=2, beside=TRAP, is_random=False),
    "relaxation_noise": TRAPPED._replace(much=0.03),
    "relaxation_time": TRAPPED._replace(
        much=1e-5, has_none=False, beside=dict(relaxation_noise=0.03), is_random=False
    ),
    "endurance_closing": Effect(0.5, within(-0.9, 0.9), False, WEAR, technology="log_normal"),
    "endurance_place": Effect(1, higher, True, WEAR, technology="log_normal"),
    "update_noise_relative": TRAPPED._replace(much=0.05),
    "write_noise_relative": TRAPPED._replace(much=0.05),
    "write_disturb": Effect(3e-3, differs, technology="log_normal"),
    **dict.fromkeys(DIE, Effect(1, differs, beside=dict(update_step_spread=0.3))),
    "exponential_size_up": Effect(-2, higher, False, technology="exponential"),
    "exponential_size_down": Effect(-2, lower, False, technology="exponential"),
    "exponential_rate_up": Effect(
        5, differs, False, dict(exponential_size_up=-1), technology="exponential"
    ),
    "exponential_rate_down": Effect(
        5, differs, False, dict(exponential_size_down=-1), technology="exponential"
    ),
    "exponential_slope": Effect(
        -0.5, differs, False, dict(exponential_size_up=-1), technology="exponential"
    ),
    "exponential_offset": Effect(
        0.5, higher, False, dict(exponential_size_up=-1), technology="exponential"
    ),
    "levels": Effect(9, on_grid(0.25), has_none=False, technology="levels"),
    "programming_noise": noise([0.05, 0])._replace(technology="programmed"),
    "programming_noise_saturation": noise(0.1)._replace(technology="programmed"),
    "programming_noise_scale": Effect(
        5, differs, False, dict(programming_noise_saturation=0.1), technology="programmed"
    ),
    "verify_tolerance": noise(0.02, programming_noise=[0.05, 0])._replace(
        technology="programmed", has_none=False
    ),
    "verify_iterations_max": Effect(
        1, differs, True, dict(programming_noise=[0.05, 0], verify_tolerance=0.02),
        technology="programmed",
    ),
    "refresh_upper": Effect(0.05, more_writes, has_none=False, technology="pair"),
    "refresh_lower": Effect(1, fewer_writes, beside=dict(refresh_upper=0.05), technology="pair"),
    "refresh_noise": noise([0.02, 0], refresh_upper=0.05)._replace(technology="pair"),
}  # fmt: skip
EFFECTS |= {
    name: Effect(number.tried[1], differs, False, technology=number.of[0])
    for name, number in LAW_NUMBERS.items()
    if name not in EFFECTS
}

# Numbers beside which a choice shows.
CHOSEN: dict[str, dict[str, float]] = {
    "asymmetry_joining": dict(update_step_spread=0.3, update_asymmetry_spread=0.3),
    "nonlinearity_draws": dict(nonlinearity_up=0.5, nonlinearity_down=0.5, nonlinearity_spread=0.5),
    "nonlinearity_bound": dict(
        nonlinearity_up=0.9, nonlinearity_down=0.9, weight_min_spread=0.3, weight_max_spread=0.3
    ),
}
