"""A linear state-space model that remembers its input as a polynomial, with a readout.

x_{t+1} = A x_t + B u_t, where A and B start as the projection of the past on Legendre polynomials,
in bilinear steps of 1/L for sequences of length L; both learn.

References:
    Gu et al., "HiPPO: recurrent memory with optimal polynomial projections", NeurIPS (2020).
    O'Loughlin et al., "Gradient descent in recurrent neural networks with model-free MGD" (2025).
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jaxtyping import Array, Float, Num

from neuromgd.network.models.model import (
    Model,
    Readout,
    Sequence,
    Wanted,
    readout,
    refuse_widths,
)  # fmt: skip
from neuromgd.network.models.recurrent import State


def hippo(width: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns (width, width) A and (width,) B in discrete time."""
    n = np.arange(width)
    roots = np.sqrt(2 * n + 1.0)
    a = -np.where(n[:, None] > n, roots[:, None] * roots, np.diag(n + 1.0))
    ahead = np.linalg.inv(np.eye(width) - a / (2 * length))
    return ahead @ (np.eye(width) + a / (2 * length)), ahead @ roots / length


class StateSpace(nn.Module):
    """A linear state over the times of a sequence, and dense layers behind the last one.

    Attributes:
        width: Of the state.
        tokens: How many kinds of tokens there are; None: inputs are signals.
        last: The readout.
    """

    width: int
    tokens: int | None
    last: Readout

    @nn.compact
    def __call__(self, x: Num[Array, "samples *input"]) -> Float[Array, "samples outputs"]:
        """Returns the (samples, outputs) activations of the readout."""
        signals = Sequence(self.tokens, self.width)(x)
        a, b = hippo(self.width, signals.shape[1])

        def into(key: Any, shape: tuple[int, int], dtype: Any) -> Array:
            # Several signals share the memory, each with a weight of its own.
            drawn = jax.random.normal(key, (shape[0], 1), dtype) / np.float32(shape[0] ** 0.5)
            mix = jnp.ones((1, 1), dtype) if shape[0] == 1 else drawn
            return mix * jnp.asarray(b, dtype)[None]

        def again(key: Any, shape: tuple[int, int], dtype: Any) -> Array:
            del key, shape
            return jnp.asarray(a.T, dtype)

        current = nn.Dense(self.width, False, kernel_init=into, name="input")(signals)
        return self.last(State("linear", again)(current))


def _make(wanted: Wanted) -> StateSpace:
    refuse_widths("state_space", wanted, 1, "the width of the state, then those of its readout")
    width, *rest = wanted.hidden
    return StateSpace(width, wanted.tokens, readout(wanted, tuple(rest)))


STATE_SPACE = Model(_make, hidden=lambda inputs: (32, 32), activation="relu")
