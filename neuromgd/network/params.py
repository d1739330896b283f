"""How good the periphery of the arrays is, and how one chip's came out."""

from flax import struct

from neuromgd.typing import Leaf


class NetworkParams(struct.PyTreeNode, kw_only=True):
    """What happens to numbers on their way into and out of an array.

    Attributes:
        dac_top: () largest code of the converter before every array [1]; None: no converter.
        dac_range: () its full scale [input units]; None: each array sets its own.
        adc_top: () largest code of the converter behind every array [1]; None: no converter.
        adc_range: () its full scale [output units]; None: each array sets its own.
        dac_bottom: () lowest code of that before every array [1]; None: minus the largest.
        adc_gain_spread: () σ of the gain of the converter behind every column [1]; None: all 1.
        adc_offset_spread: () σ of its offset [LSB]; None: none.
        adc_nonlinearity: () integral nonlinearity at the middle of its scale [LSB]; None: none.
        output_noise: () σ of fresh noise on every output of every array [output units].
        read_noise: () σ of fresh noise on every weight at every read [network weight].
        centre_windows: () time constant of the low-pass whose output every row subtracts
            [windows]; None: rows subtract nothing.
        activation_defects: () σ of the static defects of every neuron [1]; None: none.
        crosstalk: () κ, share of its neighbours' settings that a cell takes on [1]; None: none.
        curvature: () or (arrays,) V_read/V0, read voltage of a full-scale input over that from
            which on cells bend [1]; None: they are ohmic.
        wire_drop: () resistance of a piece of wire times the conductance of 1 w.u. [1/w.u.]; None:
            wires do not resist. What the cells conduct is told beside the weights.
        weight_scale: () network weight of 1 w.u., where every cell has a σ of its own [1/w.u.];
            None: cells read exactly, or all alike.
    """

    dac_top: Leaf | None = None
    dac_range: Leaf | None = None
    adc_top: Leaf | None = None
    adc_range: Leaf | None = None
    dac_bottom: Leaf | None = None
    adc_gain_spread: Leaf | None = None
    adc_offset_spread: Leaf | None = None
    adc_nonlinearity: Leaf | None = None
    output_noise: Leaf | None = None
    read_noise: Leaf | None = None
    activation_defects: Leaf | None = None
    centre_windows: Leaf | None = None
    crosstalk: Leaf | None = None
    curvature: Leaf | None = None
    wire_drop: Leaf | None = None
    weight_scale: Leaf | None = None

    @property
    def is_ideal(self) -> bool:
        """Whether numbers pass unchanged."""
        effects = (
            self.dac_top, self.adc_top, self.activation_defects, self.centre_windows,
            self.curvature,
        )  # fmt: skip
        return all(effect is None for effect in effects) and not self.is_noisy

    @property
    def is_local(self) -> bool:
        """Whether what a cell does to a signal depends on its own weight alone."""
        return self.crosstalk is None and self.wire_drop is None

    @property
    def is_noisy(self) -> bool:
        """Whether two reads of one sample differ."""
        noises = (self.output_noise, self.read_noise, self.weight_scale)
        return any(noise is not None for noise in noises)


class Ranges(struct.PyTreeNode, kw_only=True):
    """Full scales of the converters of one chip, array by array in the order of the forward pass.

    Attributes:
        dac: (arrays,) of the converters before the arrays [input units].
        adc: (arrays,) of those behind them [output units].
    """

    dac: Leaf
    adc: Leaf
