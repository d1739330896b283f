"""Which networks a chip can hold; any other is refused in one line."""

import jax
import jax.numpy as jnp

from neuromgd.errors import InputError
from neuromgd.network.network import Network


def refuse_network(network: Network, name: str, sample: jax.ShapeDtypeStruct) -> None:
    """Raises InputError if no chip can hold the weights or give the outputs.

    Args:
        network: Forward pass.
        name: What to call it.
        sample: Shape and type of one input, with an axis for samples.
    """
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    for path, leaf in jax.tree.leaves_with_path(theta):
        if jnp.issubdtype(leaf.dtype, jnp.floating):
            continue
        where = f"network {name}: weights {jax.tree_util.keystr(path, simple=True, separator='/')}"
        line = f"{where} are {leaf.dtype}, a cell holds a real number"
        if jnp.issubdtype(leaf.dtype, jnp.complexfloating):
            line += "; hold real and imaginary parts in two real arrays"
        raise InputError(line)
    outputs = jax.eval_shape(network.apply, theta, sample)
    if not isinstance(outputs, jax.ShapeDtypeStruct):
        count = len(jax.tree.leaves(outputs))
        raise InputError(
            f"network {name}: returns a {type(outputs).__name__} of {count} arrays; a chip has one"
            " array of outputs: return that alone"
        )
    if outputs.shape[:1] != sample.shape[:1] or not jnp.issubdtype(outputs.dtype, jnp.floating):
        raise InputError(
            f"network {name}: returns {outputs.dtype} {outputs.shape} for inputs {sample.shape};"
            " outputs are real, with the samples along the first axis"
        )
