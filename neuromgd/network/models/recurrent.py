"""What recurrent networks have in common: a state that is carried from one time to the next.

What inputs give is computed for all times at once; the array that feeds the state back is used at
every time.
"""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from neuromgd.network.neurons import Neurons


class _Step(nn.Module):
    width: int
    activation: str
    initial_weights: Callable[..., Any]

    @nn.compact
    def __call__(self, state: Array, current: Array) -> tuple[Array, None]:
        again = nn.Dense(self.width, False, kernel_init=self.initial_weights, name="recurrent")
        return Neurons(self.activation)(again(state) + current), None


class State(nn.Module):
    """A state s ← f(A s + current), from 0 on.

    Attributes:
        activation: Name of f.
        initial_weights: Of A, as Flax has it.
    """

    activation: str
    initial_weights: Callable[..., Any]

    @nn.compact
    def __call__(
        self, current: Float[Array, "samples time width"]
    ) -> Float[Array, "samples width"]:
        """Returns the last state."""
        samples, _, width = current.shape
        steps = nn.scan(
            _Step, variable_broadcast="params", split_rngs={"params": False}, in_axes=1
        )(width, self.activation, self.initial_weights, name="state")
        return steps(jnp.zeros((samples, width), jnp.float32), current)[0]
