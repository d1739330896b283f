"""What the crossbars that hold the weights of a network make of them.

Crosstalk moves weights, wires take a share of what the cells behind them carry.
"""

import jax
import jax.numpy as jnp
from jax.tree_util import keystr
from jaxtyping import Array, Float, Num

from neuromgd.device.encoding import Encoding
from neuromgd.network.network import Network
from neuromgd.network.params import NetworkParams
from neuromgd.network.survey import survey
from neuromgd.network.unfolding import Unfolding, plain, refuse_other_stacks
from neuromgd.network.wires import dropped
from neuromgd.typing import Arrays, Leaf


def effective(
    network: Network,
    params: NetworkParams,
    theta: Arrays,
    x: Num[Array, "samples *input"],
    encodings: Arrays | None = None,
) -> tuple[Arrays, Arrays | None]:
    """Returns the weights that signals meet [w.u.], and the share that is left of their noise.

    Args:
        network: Tells by its modules which axes of an array are rows and which are columns.
        params: How strong crosstalk and wires are.
        theta: Arrays of weights.
        x: Inputs of the network.
        encodings: ``Encoding`` of every array; None: one of two crossbars conducts |w|.

    Returns:
        Both shaped as ``theta``; no share where wires do not resist.

    Raises:
        InputError: If arrays are stacked in a way that hides which is which.
    """
    if params.is_local:
        return theta, None
    lies = survey(network, x.shape[1:], x.dtype).crossbars
    paths, tree = jax.tree.flatten_with_path(theta)
    encoded = [Encoding()] * len(paths) if encodings is None else tree.flatten_up_to(encodings)
    weights, shares = [], []
    for (path, weight), own in zip(paths, encoded, strict=True):
        name = keystr(path, simple=True, separator="/")
        lie = lies.get(name, plain(weight.shape))
        refuse_other_stacks(name, lie, weight.shape)
        if params.crosstalk is not None:
            crossbars = jax.vmap(coupled, (None, 0))(params.crosstalk, lie.unfolded(weight))
            weight = lie.folded(crossbars, weight.shape)
        if params.wire_drop is not None:
            weight, share = _behind_wires(params.wire_drop, lie, weight, own)
            shares.append(share)
        weights.append(weight)
    return tree.unflatten(weights), tree.unflatten(shares) if shares else None


def coupled(coupling: Leaf, cells: Float[Array, "rows columns"]) -> Float[Array, "rows columns"]:
    """Returns θ + κ·(sum of the up to four nearest neighbours): the setting of a cell leaks.

    Args:
        coupling: κ, share of a neighbour's setting [1].
        cells: (rows, columns) settings [w.u.].
    """
    wide = jnp.pad(cells, 1)
    around = wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:]
    return cells + coupling * around


def _behind_wires(drop: Leaf, lie: Unfolding, weight: Array, own: Encoding) -> tuple[Array, Array]:
    at_zero = own.at_zero
    if at_zero is not None:
        at_zero = lie.unfolded(jnp.broadcast_to(at_zero, weight.shape))

    def one(cells: Array, at_zero: Array | None):
        return dropped(drop, cells, at_zero, own.is_pair)

    both = jax.vmap(one)(lie.unfolded(weight), at_zero)
    left, share = (lie.folded(cells, weight.shape) for cells in both)
    return left, share
