"""One transformer block over a sequence: attention, two dense layers, and a readout of the mean.

Norms have no weights of their own, so that all weights lie in arrays.

References:
    Vaswani et al., "Attention is all you need", NeurIPS (2017), with norms in front.
"""

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float, Num

from neuromgd.errors import InputError
from neuromgd.network.models.model import (
    Model,
    Readout,
    Sequence,
    Wanted,
    dense,
    readout,
    refuse_widths,
)  # fmt: skip
from neuromgd.network.neurons import Neurons


class Transformer(nn.Module):
    """A block of attention.

    Attributes:
        width: Of what stands at every place of the sequence.
        inner: Width of the dense layer behind the attention.
        heads: How many there are.
        tokens: How many kinds of tokens there are; None: inputs are signals.
        activation: Name of the activation of the inner layer.
        initial_weights: Name of the distribution that dense weights start from.
        last: The readout.
    """

    width: int
    inner: int
    heads: int
    tokens: int | None
    activation: str
    initial_weights: str
    last: Readout

    @nn.compact
    def __call__(self, x: Num[Array, "samples *input"]) -> Float[Array, "samples outputs"]:
        """Returns the (samples, outputs) activations of the readout."""
        x = Sequence(self.tokens, self.width)(x)
        if self.tokens is None:
            x = dense(self.width, self.initial_weights, name="input")(x)
        samples, length, _ = x.shape
        place = jnp.broadcast_to(jnp.arange(length), (samples, length))
        x = x + nn.Embed(length, self.width, name="place")(place)
        norm = lambda x: nn.LayerNorm(use_bias=False, use_scale=False)(x)
        attention = nn.MultiHeadDotProductAttention(num_heads=self.heads, name="attention")
        x = x + attention(norm(x))
        inner = dense(self.inner, self.initial_weights, name="inner")(norm(x))
        x = x + dense(self.width, self.initial_weights, name="outer")(
            Neurons(self.activation)(inner)
        )
        return self.last(jnp.mean(norm(x), axis=1))


def _make(wanted: Wanted, heads: float) -> Transformer:
    refuse_widths("transformer", wanted, 2, "the width of the block, that of its inner layer")
    width, inner, *rest = wanted.hidden
    if width % int(heads):
        raise InputError(f"option network.heads = {int(heads)}: must divide the width {width}")
    return Transformer(
        width, inner, int(heads), wanted.tokens, wanted.activation, wanted.initial_weights,
        readout(wanted, tuple(rest)),
    )  # fmt: skip


TRANSFORMER = Model(_make, hidden=lambda inputs: (16, 32), activation="relu")
