"""A machine: what is built, how good the technology is, and what changes when, as one value."""

from typing import Any

import jax

from neuromgd.chip.design import ChipParams, Design, Tau


@jax.tree_util.register_pytree_node_class
class Machine:
    """What every chip of one kind has in common.

    A pytree: the parameters are traced, the design is part of the program. Hold times that are
    Python integers are part of the program too, as ``window`` needs them; arrays are traced.

    Attributes:
        design: What is built.
        params: How good the technology is.
        tau: Hold times of sample, perturbation and weights [timesteps].
    """

    def __init__(self, design: Design, params: ChipParams, tau: Tau):
        self.design, self.params, self.tau = design, params, tau

    def replace(self, **changes: Any) -> "Machine":
        """Returns the machine with another design, other parameters or other hold times."""
        parts = {"design": self.design, "params": self.params, "tau": self.tau}
        return Machine(**parts | changes)

    def tree_flatten(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Takes the machine apart for JAX."""
        if all(isinstance(one, int) for one in self.tau):
            return (self.params, None), (self.design, self.tau)
        return (self.params, self.tau), (self.design, None)

    @classmethod
    def tree_unflatten(cls, fixed: tuple[Any, ...], traced: tuple[Any, ...]) -> "Machine":
        """Puts the machine together again."""
        design, tau = fixed
        return cls(design, traced[0], traced[1] if tau is None else tau)
