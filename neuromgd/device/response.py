"""How one cell answers to a pulse: what an update law needs to know of it."""

import jax.numpy as jnp
from flax import struct

from neuromgd.device.params import DeviceParams
from neuromgd.typing import Leaf


class Response(struct.PyTreeNode, kw_only=True):
    """The pulse response of the cells of one array.

    Attributes:
        step: () size dw of one pulse at zero weight [w.u.].
        weight_min: () bound that downward pulses drive towards [w.u.].
        weight_max: () bound that upward pulses drive towards [w.u.].
        nonlinearity_up: () γ_up [1]; None: constant steps.
        nonlinearity_down: () γ_down [1]; None: constant steps.
    """

    step: Leaf
    weight_min: Leaf
    weight_max: Leaf
    nonlinearity_up: Leaf | None = None
    nonlinearity_down: Leaf | None = None


def response(params: DeviceParams) -> Response | None:
    """Returns the pulse response of the cells, or None if they are written continuously."""
    if params.update_step is None:
        return None
    one = jnp.ones((), jnp.float32)
    return Response(
        step=params.update_step,
        weight_min=-one if params.weight_min is None else params.weight_min,
        weight_max=one if params.weight_max is None else params.weight_max,
        nonlinearity_up=params.nonlinearity_up,
        nonlinearity_down=params.nonlinearity_down,
    )
