"""Leaky integrate-and-fire neurons with hard thresholds, and a readout that does not spike.

v ← λ v (1 − s) + W x and s = 1 where v ≥ 1, else 0; the outputs are the mean over time of what the
last array gives. Nothing of it has a slope: the cost is a staircase of the weights, of which kicks
see the mean slope over their own size. A rate of learning needs no derivative of a spike.

References:
    Gerstner et al., "Neuronal dynamics", Cambridge University Press (2014), section 1.3.
"""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float, Num

from neuromgd.network.models.model import Model, Sequence, Wanted, dense
from neuromgd.network.neurons import Neurons


def spikes(current: Float[Array, "samples time width"], kept: float) -> Array:
    """Returns the spikes, 0 or 1, that currents make.

    Args:
        current: What flows into every membrane.
        kept: λ, share of its potential that a membrane keeps from one time to the next [1].
    """

    def one(state: tuple[Array, Array], now: Array) -> tuple[tuple[Array, Array], Array]:
        potential, fired = state
        potential = kept * potential * (1 - fired) + now
        fired = jnp.where(potential >= 1, 1.0, 0.0)
        return (potential, fired), fired

    at_rest = jnp.zeros_like(current[:, 0])
    _, fired = jax.lax.scan(one, (at_rest, at_rest), jnp.swapaxes(current, 0, 1))
    return jnp.swapaxes(fired, 0, 1)


class Spiking(nn.Module):
    """Layers of spiking neurons.

    Attributes:
        widths: Of every layer, that of the outputs included.
        ticks: Times that an input without time is shown.
        kept: λ [1].
        tokens: How many kinds of tokens there are; None: inputs are signals.
        output_activation: Name of the activation of the mean of the outputs.
        initial_weights: Name of the distribution that weights start from.
    """

    widths: tuple[int, ...]
    ticks: int
    kept: float
    tokens: int | None
    output_activation: str
    initial_weights: str

    @nn.compact
    def __call__(self, x: Num[Array, "samples *input"]) -> Float[Array, "samples outputs"]:
        """Returns the (samples, outputs) means over time."""
        if x.ndim == 2 and self.tokens is None:
            x = jnp.repeat(x[:, None], self.ticks, axis=1)
        x = Sequence(self.tokens, self.widths[0])(x)
        for width in self.widths[:-1]:
            x = spikes(dense(width, self.initial_weights)(x), self.kept)
        outputs = dense(self.widths[-1], self.initial_weights)(x)
        return Neurons(self.output_activation)(jnp.mean(outputs, axis=1))


def _make(wanted: Wanted, ticks: float, membrane: float) -> Spiking:
    widths = (*wanted.hidden, wanted.outputs)
    return Spiking(
        widths, int(ticks), membrane, wanted.tokens, wanted.output_activation,
        wanted.initial_weights,
    )  # fmt: skip


# A staircase: a kick must be as large as to move some spikes.
SPIKING = Model(_make, amplitude=0.05)
