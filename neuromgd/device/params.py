"""How good the technology of a memory cell is: one number for each effect, None for absence."""

from flax import struct

from neuromgd.typing import Leaf


def given(number: Leaf | None) -> Leaf:
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

    Every number is () shaped unless it says otherwise. *Spread* is fixed between cells, *noise* is
    fresh at each event. r = G/G_max is the conductance of a cell over the highest one.

    Attributes:
        update_step: Size dw of one pulse at zero weight [w.u.]; None: continuous writes.
        update_step_spread: σ of dw over its mean, normal [1].
        update_step_log_spread: σ of ln dw, log-normal about the median [1].
        update_asymmetry: β, upward steps are dw(1 + β), downward ones dw(1 − β) [1].
        update_asymmetry_spread: σ of β [1].
        weight_min: Lowest weight a cell can hold [w.u.]; None: unbounded.
        weight_max: Highest weight a cell can hold [w.u.]; None: unbounded.
        weight_min_spread: σ of weight_min over its mean [1].
        weight_max_spread: σ of weight_max over its mean [1].
        reference_spread: σ of the error of the reference that is subtracted from a cell [w.u.].
        nonlinearity_up: γ_up, how far an upward pulse shrinks towards weight_max [1].
        nonlinearity_down: γ_down, the same downwards towards weight_min [1].
        nonlinearity_spread: σ of both γ [1].
        exponential_size_up: A_up of the exponential law [1].
        exponential_size_down: A_down [1].
        exponential_rate_up: γ_up of the exponential law [1].
        exponential_rate_down: γ_down [1].
        exponential_slope: a of the position z = 2aw/(w_max − w_min) + b [1].
        exponential_offset: b [1].
        lookup: Tables of the lookup law.
        cycle_noise: σ of one pulse over its own change [1].
        cycle_noise_additive: σ of one pulse over the cell's step at zero weight [1].
        cycle_noise_absolute: σ of one pulse, whatever its size [w.u.].
        pulses_per_write_max: Pulses that one write can give at most [1].
        refresh_upper: Place in the window above which a cell of a pair has the pair refreshed [1];
            its cells are then pulsed upwards only. None: both cells of a pair go both ways.
        refresh_lower: Place that both cells must be above for that [1]; None: 0.
        refresh_noise: (coefficients,) of σ = c0 + c1 r + c2 r² + … after a refresh [w.u.].
        update_noise: σ_θ, fresh noise on every write, kept by the cell [w.u.].
        update_noise_common: σ of one draw that all cells of an array share at a write [w.u.].
        write_noise: σ of what the network sees above the kept weight, until the next write
            [w.u.].
        levels: Levels between weight_min and weight_max that program-verify can reach [1].
        programming_noise: (coefficients,) of σ_prog = c0 + c1 r + c2 r² + … [w.u.]; this or
            ``levels`` or ``programming_noise_saturation``: writes are program-verify.
        programming_noise_saturation: A of σ_prog = A(1 − e^{−r/B}) [w.u.].
        programming_noise_scale: B [1].
        verify_tolerance: Error at which program-verify stops [w.u.]; None: one shot.
        verify_iterations_max: Iterations after which it gives up [1]; None: never.
        stuck_fraction: Share of cells stuck anywhere in their window [1].
        stuck_low_fraction: Share of cells stuck at weight_min [1].
        stuck_high_fraction: Share of cells stuck at weight_max [1].
        stuck_range: Those stuck anywhere are within ± it [w.u.]; None: in all of the window.
        endurance_cycles: Writes after which a cell is stuck where it is, median [1].
        endurance_spread: σ of the ln of that number [1].
        zero_signal_weight: Weight at which a cell conducts nothing [w.u.].
        drift_exponent: ν of G(t) = G((t + t0)/t0)^−ν at r = 1 [1].
        drift_exponent_slope: Change of ν with ln r [1].
        drift_exponent_min: Lowest mean ν [1].
        drift_exponent_max: Highest mean ν [1].
        drift_exponent_spread: σ of ν between cells at r = 1 [1].
        drift_spread_slope: Change of that σ with ln r [1].
        drift_spread_min: Lowest σ of ν [1].
        drift_spread_max: Highest σ of ν [1].
        drift_reference_time: t0 [s].
        drift_activation: Arrhenius energy of the drift over Boltzmann's constant [K].
        leak_time: τ of the decay e^{−t/τ} to rest [s].
        leak_spread: σ of τ over its mean [1].
        leak_rest: Where a cell decays to [w.u.]; None: zero weight.
        leak_activation: Arrhenius energy of the leak over Boltzmann's constant [K].
        temperature: Of the chip [K].
        reference_temperature: At which drift and leak have the numbers above [K].
        read_noise: σ of every reading [w.u.].
        read_noise_relative: σ of every reading over the conductance [1].
        flicker_noise: Q of the 1/f law at r = 1 [1].
        flicker_exponent: Q falls as r to minus this [1].
        flicker_max: Highest Q [1].
        read_time: Integration time of a reading [s].
    """

    update_step: Leaf | None = None
    update_step_spread: Leaf | None = None
    update_step_log_spread: Leaf | None = None
    update_asymmetry: Leaf | None = None
    update_asymmetry_spread: Leaf | None = None
    weight_min: Leaf | None = None
    weight_max: Leaf | None = None
    weight_min_spread: Leaf | None = None
    weight_max_spread: Leaf | None = None
    reference_spread: Leaf | None = None
    nonlinearity_up: Leaf | None = None
    nonlinearity_down: Leaf | None = None
    nonlinearity_spread: Leaf | None = None
    exponential_size_up: Leaf | None = None
    exponential_size_down: Leaf | None = None
    exponential_rate_up: Leaf | None = None
    exponential_rate_down: Leaf | None = None
    exponential_slope: Leaf | None = None
    exponential_offset: Leaf | None = None
    lookup: LookupParams | None = None
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
    leak_rest: Leaf | None = None
    leak_activation: Leaf | None = None
    temperature: Leaf | None = None
    reference_temperature: Leaf | None = None
    read_noise: Leaf | None = None
    read_noise_relative: Leaf | None = None
    flicker_noise: Leaf | None = None
    flicker_exponent: Leaf | None = None
    flicker_max: Leaf | None = None
    read_time: Leaf | None = None
