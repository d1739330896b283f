"""Biases in digital registers beside the neurons, in place of memory cells."""

import jax

from neuromgd.chip.technologies import is_bias
from neuromgd.device.params import DeviceParams, cell_params
from neuromgd.errors import InputError
from neuromgd.network.network import Network
from neuromgd.options.config import ArrayConfig

# What stands if nothing is said [w.u.].
RANGE = 1.0


def registers(array: ArrayConfig) -> DeviceParams | None:
    """Returns cells that take every write exactly, on the codes of a register; None: none are.

    Codes are symmetric about 0, so that there is one for it.
    """
    if array.bias_bits is None:
        return None
    full = array.bias_range or RANGE
    return cell_params({"levels": 2**array.bias_bits - 1, "weight_min": -full, "weight_max": full})


def refuse_without_biases(array: ArrayConfig, network: Network) -> None:
    """Raises InputError if there are registers, but nothing that they could keep."""
    if array.bias_bits is None:
        return
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    if not any(is_bias(path) for path, _ in jax.tree_util.tree_leaves_with_path(theta)):
        raise InputError("option array.bias_bits: no weights of the network are named bias")
