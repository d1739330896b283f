"""The plain recurrent network: a state that is squashed at every time, and a readout of the last.

References:
    Elman, "Finding structure in time", Cogn. Sci. 14, 179 (1990).
"""

from flax import linen as nn
from jaxtyping import Array, Float, Num

from neuromgd.network.models.model import (
    Model,
    Readout,
    Sequence,
    Wanted,
    dense,
    readout,
    refuse_widths,
)  # fmt: skip
from neuromgd.network.models.recurrent import State


class RNN(nn.Module):
    """s ← f(A s + B u + b) over the times of a sequence, and dense layers behind the last s.

    Attributes:
        width: Of the state.
        tokens: How many kinds of tokens there are; None: inputs are signals.
        activation: Name of f.
        initial_weights: Name of the distribution that B and the readout start from.
        last: The readout.
    """

    width: int
    tokens: int | None
    activation: str
    initial_weights: str
    last: Readout

    @nn.compact
    def __call__(self, x: Num[Array, "samples *input"]) -> Float[Array, "samples outputs"]:
        """Returns the (samples, outputs) activations of the readout."""
        signals = Sequence(self.tokens, self.width)(x)
        current = dense(self.width, self.initial_weights, name="input")(signals)
        return self.last(State(self.activation, nn.initializers.orthogonal())(current))


def _make(wanted: Wanted) -> RNN:
    refuse_widths("rnn", wanted, 1, "the width of the state, then those of its readout")
    width, *rest = wanted.hidden
    last = readout(wanted, tuple(rest))
    return RNN(width, wanted.tokens, wanted.activation, wanted.initial_weights, last)


ELMAN = Model(_make, hidden=lambda inputs: (32,), activation="tanh")
