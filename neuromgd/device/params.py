"""How good the technology of a memory cell is: one number for each effect, None for absence."""

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any, TypeVar

import jax.numpy as jnp
from flax import struct

from neuromgd.cell_choices import NO_CHOICES, Choices
from neuromgd.cell_numbers import CELL_NUMBERS, LAW_NUMBERS
from neuromgd.typing import Leaf

T = TypeVar("T")


def given(number: T | None) -> T:
    """Returns a number that another one cannot do without: a sheet has both or none."""
    assert number is not None, "one number of a pair is missing"
    return number


class LookupParams(struct.PyTreeNode, kw_only=True):
    """Pulse responses of measured devices, tabulated over z, the position in the window.

    z = (w − w_min)/(w_max − w_min) runs from 0 to 1.

    Attributes:
        quantile_up: (devices, points, bins) change of z by one upward pulse, inverse CDF [1].
        quantile_down: the same by one downward pulse [1].
        mean_up: (devices, pulses, bins) mean change of z by 0, 1, 2, … upward pulses [1].
        mean_down: the same downwards [1].
        variance_up: (devices, pulses, bins) variance of that change [1].
        variance_down: the same downwards [1].
        low: (devices,) lowest weight of each device [w.u.].
        high: (devices,) highest weight of each device [w.u.].
    """

    quantile_up: Leaf
    quantile_down: Leaf
    mean_up: Leaf
    mean_down: Leaf
    variance_up: Leaf
    variance_down: Leaf
    low: Leaf
    high: Leaf


class DeviceParams(struct.PyTreeNode, kw_only=True):
    """The memory cell's non-idealities, in weight units (w.u.), seconds and kelvin.

    Every number is () shaped, a polynomial is (coefficients,). *Spread* is fixed between cells,
    *noise* is fresh at each event. r = G/G_max is the conductance of a cell over the highest one.

    Attributes:
        law_numbers: Name -> number that the update law alone reads.
        lookup: Tables of the lookup law.
        choices: How the spreads are meant; static.
    """

    law_numbers: Mapping[str, Leaf] = struct.field(default_factory=dict)
    lookup: LookupParams | None = None
    choices: Choices = struct.field(pytree_node=False, default=NO_CHOICES)
    update_step: Leaf | None = None
    update_step_spread: Leaf | None = None
    update_step_log_spread: Leaf | None = None
    update_asymmetry: Leaf | None = None
    update_asymmetry_spread: Leaf | None = None
    weight_min: Leaf | None = None
    weight_max: Leaf | None = None
    weight_min_spread: Leaf | None = None
    weight_max_spread: Leaf | None = None
    step_asymmetry_correlation: Leaf | None = None
    step_bound_correlation: Leaf | None = None
    reference_spread: Leaf | None = None
    gradient_share: Leaf | None = None
    row_share: Leaf | None = None
    column_share: Leaf | None = None
    zero_shift: Leaf | None = None
    power_exponent_spread: Leaf | None = None
    nonlinearity_spread: Leaf | None = None
    cycle_noise: Leaf | None = None
    cycle_noise_additive: Leaf | None = None
    cycle_noise_absolute: Leaf | None = None
    pulses_per_write_max: Leaf | None = None
    refresh_upper: Leaf | None = None
    refresh_lower: Leaf | None = None
    refresh_noise: Leaf | None = None
    update_noise: Leaf | None = None
    update_noise_common: Leaf | None = None
    write_noise: Leaf | None = None
    update_noise_relative: Leaf | None = None
    write_noise_relative: Leaf | None = None
    write_disturb: Leaf | None = None
    write_threshold: Leaf | None = None
    write_threshold_pulses: Leaf | None = None
    levels: Leaf | None = None
    programming_noise: Leaf | None = None
    programming_noise_saturation: Leaf | None = None
    programming_noise_scale: Leaf | None = None
    verify_tolerance: Leaf | None = None
    verify_iterations_max: Leaf | None = None
    stuck_fraction: Leaf | None = None
    stuck_low_fraction: Leaf | None = None
    stuck_high_fraction: Leaf | None = None
    stuck_range: Leaf | None = None
    endurance_cycles: Leaf | None = None
    endurance_spread: Leaf | None = None
    endurance_closing: Leaf | None = None
    endurance_place: Leaf | None = None
    zero_signal_weight: Leaf | None = None
    drift_exponent: Leaf | None = None
    drift_exponent_slope: Leaf | None = None
    drift_exponent_min: Leaf | None = None
    drift_exponent_max: Leaf | None = None
    drift_exponent_spread: Leaf | None = None
    drift_spread_slope: Leaf | None = None
    drift_spread_min: Leaf | None = None
    drift_spread_max: Leaf | None = None
    drift_reference_time: Leaf | None = None
    drift_activation: Leaf | None = None
    leak_time: Leaf | None = None
    leak_spread: Leaf | None = None
    leak_time_slope: Leaf | None = None
    leak_rest: Leaf | None = None
    leak_activation: Leaf | None = None
    relaxation_noise: Leaf | None = None
    relaxation_time: Leaf | None = None
    conductance_temperature: Leaf | None = None
    conductance_activation: Leaf | None = None
    step_temperature: Leaf | None = None
    step_activation: Leaf | None = None
    temperature: Leaf | None = None
    reference_temperature: Leaf | None = None
    read_noise: Leaf | None = None
    read_noise_relative: Leaf | None = None
    flicker_noise: Leaf | None = None
    flicker_exponent: Leaf | None = None
    flicker_max: Leaf | None = None
    read_time: Leaf | None = None
    pass_time: Leaf | None = None
    telegraph_noise: Leaf | None = None
    telegraph_noise_relative: Leaf | None = None
    telegraph_high_time: Leaf | None = None
    telegraph_low_time: Leaf | None = None
    telegraph_fraction: Leaf | None = None
    telegraph_spread: Leaf | None = None
    telegraph_time_spread: Leaf | None = None


# From Python 3.13 on docstrings come without the indentation of their class.
DeviceParams.__doc__ = cleandoc(str(DeviceParams.__doc__)) + "".join(
    f"\n    {name}: {number.text}."
    for name, number in CELL_NUMBERS.items()
    if name not in LAW_NUMBERS
)


def cell_params(
    numbers: Mapping[str, Any],
    lookup: LookupParams | None = None,
    choices: Choices = NO_CHOICES,
) -> DeviceParams:
    """Returns plain numbers as float32 leaves, those of single laws apart.

    Args:
        numbers: Name in ``CELL_NUMBERS`` -> number, coefficients, or None for an absent effect.
        lookup: Tables of the lookup law.
        choices: How the spreads are meant.
    """
    leaves = {
        name: jnp.asarray(number, jnp.float32)
        for name, number in numbers.items()
        if number is not None
    }
    own = {name: leaves.pop(name) for name in LAW_NUMBERS if name in leaves}
    return DeviceParams(law_numbers=own, lookup=lookup, choices=choices, **leaves)
