"""Readings of an instrument: what is written to it, and what it must give back."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from neuromgd.bus.costs.cost import Cost
from neuromgd.errors import InputError
from neuromgd.plan.instrument import Instrument
from neuromgd.typing import Arrays


class Reading:
    """A host's hand on one instrument.

    Args:
        instrument: That is driven.
        cost: Of one sample, unless the instrument measures it.
        shape: Of the outputs for one sample.
    """

    def __init__(self, instrument: Instrument, cost: Cost, shape: tuple[int, ...]):
        self._instrument, self._shape = instrument, shape
        self._own_cost = getattr(instrument, "cost", None)
        self._cost = jax.jit(jax.vmap(cost))

    def write(self, theta: Arrays) -> None:
        """Gives the instrument copies of the weights, which are its own to change."""
        self._instrument.set_weights(jax.tree.map(np.array, theta))

    def outputs(
        self, x: Float[np.ndarray, "samples *input"]
    ) -> Float[np.ndarray, "samples *output"]:
        """Returns the outputs for the weights that were written.

        Raises:
            InputError: If the instrument gives no such numbers.
        """
        return self._checked("forward", self._instrument.forward(x), (len(x), *self._shape))

    def costs(
        self, theta: Arrays, x: Float[np.ndarray, "samples *input"], y: np.ndarray
    ) -> Float[np.ndarray, " samples"]:
        """Returns the (samples,) costs under the given weights [cost].

        Raises:
            InputError: If the instrument gives no such numbers.
        """
        self.write(theta)
        outputs = self.outputs(x)
        if self._own_cost is None:
            return np.asarray(self._cost(jnp.asarray(outputs), jnp.asarray(y)))
        return self._checked("cost", self._own_cost(outputs, y), (len(x),))

    def _checked(self, asked: str, given: Any, shape: tuple[int, ...]) -> np.ndarray:
        name = f"instrument {type(self._instrument).__name__}: {asked} gave"
        try:
            numbers = np.asarray(given, np.float32)
        except (TypeError, ValueError):
            raise InputError(f"{name} {type(given).__name__}, expected numbers") from None
        if numbers.shape != shape:
            raise InputError(f"{name} an array of {numbers.shape}, expected {shape}")
        return numbers
