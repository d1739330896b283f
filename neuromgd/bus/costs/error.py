"""Costs whose outputs know their own errors, as a delta rule needs them.

Mean squared error: what an output gives less what is wanted of it, nothing from anywhere else.
Cross entropy: its probability less the wanted one, for which the outputs share one sum, that of
their exponentials, which the cost needs as well.
"""

import jax
from jaxtyping import Array, Float

from neuromgd.bus.costs import COSTS
from neuromgd.bus.costs.cost import Cost

KNOWN = ("mse", "cross_entropy")


def knows_errors(cost: Cost) -> bool:
    """Tells whether every output has its own error under this cost."""
    return any(cost is COSTS[name] for name in KNOWN)


def errors(
    cost: Cost, outputs: Float[Array, "samples *output"], targets: Array
) -> Float[Array, "samples *output"]:
    """Returns the (samples, *output) errors ∂C/∂y of the outputs of samples [cost].

    Args:
        cost: One whose outputs know them.
        outputs: (samples, *output) activations.
        targets: (samples, …) what is wanted.
    """
    return jax.vmap(jax.grad(cost))(outputs, targets)
