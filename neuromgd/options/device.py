"""The options of the memory cell: every number of its model, and the sheet they stand over."""

from typing import Annotated, Literal

import msgspec
import tyro

from neuromgd.numbers import NonNegative, Positive, Share
from neuromgd.preset import preset


class DeviceConfig(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """The memory cell; what is not given comes from the sheet, or is absent."""

    sheet: Annotated[str | None, tyro.conf.arg(aliases=["--device"])] = None
    """Device sheet, by name or path: all numbers of one published technology."""
    law: Literal["ideal", "linear", "linear_retrace", "exponential", "lookup"] | None = None
    """How a cell moves when it is pulsed; None: as the sheet says, or linear."""
    pulse_rounding: Literal["stochastic", "nearest"] = "stochastic"
    """How a requested change becomes whole pulses."""
    is_pair: bool | None = None
    """Whether every weight is half the difference of two cells; None: where cells have one sign."""
    seconds_per_timestep: Positive | None = None
    """Time that drift and leak advance by in a timestep [s]; None: the platform's."""
    update_step: Positive | None = preset(1e-3)
    """Size dw of one pulse at zero weight [w.u.]."""
    update_step_spread: NonNegative | None = None
    """σ of dw over its mean, normal [1]."""
    update_step_log_spread: NonNegative | None = None
    """σ of ln dw, log-normal about the median [1]."""
    update_asymmetry: float | None = None
    """β, upward steps are dw(1 + β), downward ones dw(1 − β) [1]."""
    update_asymmetry_spread: NonNegative | None = None
    """σ of β [1]."""
    weight_min: float | None = preset(-1.0)
    """Lowest weight a cell can hold [w.u.]."""
    weight_max: float | None = preset(1.0)
    """Highest weight a cell can hold [w.u.]."""
    weight_min_spread: NonNegative | None = None
    """σ of weight_min over its mean [1]."""
    weight_max_spread: NonNegative | None = None
    """σ of weight_max over its mean [1]."""
    reference_spread: NonNegative | None = None
    """σ of the error of the reference that is subtracted from a cell [w.u.]."""
    nonlinearity_up: float | None = None
    """γ_up, how far an upward pulse shrinks towards weight_max [1]."""
    nonlinearity_down: float | None = None
    """γ_down, the same downwards towards weight_min [1]."""
    nonlinearity_spread: NonNegative | None = None
    """σ of both γ [1]."""
    exponential_size_up: float | None = None
    """A_up of the exponential law [1]."""
    exponential_size_down: float | None = None
    """A_down [1]."""
    exponential_rate_up: NonNegative | None = None
    """γ_up of the exponential law [1]."""
    exponential_rate_down: NonNegative | None = None
    """γ_down [1]."""
    exponential_slope: float | None = None
    """a of the position z = 2aw/(w_max − w_min) + b [1]."""
    exponential_offset: float | None = None
    """b [1]."""
    cycle_noise: NonNegative | None = None
    """σ of one pulse over its own change [1]."""
    cycle_noise_additive: NonNegative | None = None
    """σ of one pulse over the cell's step at zero weight [1]."""
    cycle_noise_absolute: NonNegative | None = None
    """σ of one pulse, whatever its size [w.u.]."""
    pulses_per_write_max: Positive | None = None
    """Pulses that one write can give at most [1]."""
    refresh_upper: Share | None = None
    """Place in the window above which a cell has its pair refreshed; cells only rise then [1]."""
    refresh_lower: Share | None = None
    """Place that both cells of a pair must be above for that [1]."""
    update_noise: NonNegative | None = preset(1e-4)
    """σ_θ, fresh noise on every write, kept by the cell [w.u.]."""
    update_noise_common: NonNegative | None = None
    """σ of one draw that all cells of an array share at a write [w.u.]."""
    write_noise: NonNegative | None = preset(0.005)
    """σ of what the network sees above the kept weight, until the next write [w.u.]."""
    levels: Positive | None = None
    """Levels between weight_min and weight_max that program-verify can reach [1]."""
    programming_noise_saturation: NonNegative | None = None
    """A of σ_prog = A(1 − e^{−r/B}) [w.u.]."""
    programming_noise_scale: NonNegative | None = None
    """B [1]."""
    verify_tolerance: NonNegative | None = None
    """Error at which program-verify stops [w.u.]."""
    verify_iterations_max: Positive | None = None
    """Iterations after which it gives up [1]."""
    stuck_fraction: Share | None = None
    """Share of cells stuck anywhere in their window [1]."""
    stuck_low_fraction: Share | None = None
    """Share of cells stuck at weight_min [1]."""
    stuck_high_fraction: Share | None = None
    """Share of cells stuck at weight_max [1]."""
    stuck_range: NonNegative | None = None
    """Those stuck anywhere are within ± it [w.u.]."""
    endurance_cycles: Positive | None = None
    """Writes after which a cell is stuck where it is, median [1]."""
    endurance_spread: NonNegative | None = None
    """σ of the ln of that number [1]."""
    zero_signal_weight: float | None = None
    """Weight at which a cell conducts nothing [w.u.]."""
    drift_exponent: float | None = None
    """ν of G(t) = G((t + t0)/t0)^−ν at r = 1 [1]."""
    drift_exponent_slope: float | None = None
    """Change of ν with ln r [1]."""
    drift_exponent_min: NonNegative | None = None
    """Lowest mean ν [1]."""
    drift_exponent_max: NonNegative | None = None
    """Highest mean ν [1]."""
    drift_exponent_spread: NonNegative | None = None
    """σ of ν between cells at r = 1 [1]."""
    drift_spread_slope: float | None = None
    """Change of that σ with ln r [1]."""
    drift_spread_min: NonNegative | None = None
    """Lowest σ of ν [1]."""
    drift_spread_max: NonNegative | None = None
    """Highest σ of ν [1]."""
    drift_reference_time: Positive | None = None
    """t0 [s]."""
    drift_activation: NonNegative | None = None
    """Arrhenius energy of the drift over Boltzmann's constant [K]."""
    leak_time: Positive | None = None
    """τ of the decay e^{−t/τ} to rest [s]."""
    leak_spread: NonNegative | None = None
    """σ of τ over its mean [1]."""
    leak_rest: float | None = None
    """Where a cell decays to [w.u.]."""
    leak_activation: NonNegative | None = None
    """Arrhenius energy of the leak over Boltzmann's constant [K]."""
    temperature: Positive | None = None
    """Of the chip [K]."""
    temperature_end: Positive | None = None
    """At the end of the run [K]; the temperature goes there in a straight line."""
    reference_temperature: Positive | None = None
    """At which drift and leak have the numbers above [K]."""
    read_noise: NonNegative | None = None
    """σ of every reading [w.u.]."""
    read_noise_relative: NonNegative | None = None
    """σ of every reading over the conductance [1]."""
    flicker_noise: NonNegative | None = None
    """Q of the 1/f law at r = 1 [1]."""
    flicker_exponent: NonNegative | None = None
    """Q falls as r to minus this [1]."""
    flicker_max: NonNegative | None = None
    """Highest Q [1]."""
    read_time: Positive | None = None
    """Integration time of a reading [s]."""


# A cell without any effect, and what stands under a sheet.
IDEAL_CELL = DeviceConfig(
    update_step=None, weight_min=None, weight_max=None, update_noise=None, write_noise=None
)
