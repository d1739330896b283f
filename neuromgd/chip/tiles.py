"""The dense arrays of a chip in tiles: where a kick of random signs never becomes an array."""

from functools import reduce
from operator import getitem

from flax import linen as nn
from jaxtyping import Array, Int

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.machine import Machine
from neuromgd.network.arrays import sees_whole
from neuromgd.network.forward import Product
from neuromgd.philox import is_philox
from neuromgd.randomness import Stream, each
from neuromgd.synapse.codes.rademacher import RADEMACHER


def is_tiled(machine: Machine, chip: Chip) -> bool:
    """Tells whether passes run in tiles; else they run on whole kicked arrays, with equal result.

    Only independent signs beside the cells can be drawn tile by tile, and only a finite difference
    needs no slope of a kernel.
    """
    design, params = machine.design, machine.params
    return (
        design.kernel != "plain"
        and design.code is RADEMACHER
        and design.perturbation_element == "volatile"
        and design.cost_difference == "finite"
        and params.network.is_local
        and not design.frozen
        and params.synapse.amplitude_asymmetry_spread is None
        and is_philox(chip.key)
    )


def tiled(
    machine: Machine,
    chip: Chip,
    slot: Int[Array, ""] | None = None,
    sign: float = 1.0,
) -> Product | None:
    """Returns what computes the dense arrays of a pass; None: they compute themselves.

    Args:
        machine: What is built, and how good the technology is.
        chip: The chip that is read.
        slot: Number of the perturbation; None: the pass without one.
        sign: 1, or −1 for the opposite kick.
    """
    if not is_tiled(machine, chip):
        return None
    # Pallas takes a quarter of a second to import, and most runs have no use for it.
    from neuromgd.chip.kicked_dense import SignKick, added, dense

    design, params = machine.design, machine.params
    theta, gains = weights(chip), chip.traits.synapse.amplitude_gain
    keys = None if slot is None else each(chip.key, Stream.CODE, slot, theta)
    amplitude = sign * params.synapse.amplitude

    def product(module: nn.Module, array, x: Array) -> Array:
        if not isinstance(module, nn.Dense) or not sees_whole(module, theta):
            return array(x)

        def kick(name: str) -> SignKick | None:
            if keys is None:
                return None
            gain = None if gains is None else reduce(getitem, module.path, gains)[name]
            return SignKick(reduce(getitem, module.path, keys)[name], amplitude, gain)

        own = reduce(getitem, module.path, theta)
        kernel = own["kernel"]
        y = dense(x.reshape(-1, len(kernel)), kernel, kick("kernel"), design.kernel)
        if "bias" in own:
            bias, own_kick = own["bias"], kick("bias")
            bias = bias if own_kick is None else bias + added(own_kick, bias.shape)
            y = y + bias[None]
        return design.network.weight_scale * y.reshape(*x.shape[:-1], y.shape[1])

    return product
