"""What the chip is compared with: the same cells and samples, told the gradient by a host.

Nothing on the chip could do this; it is the bound that learning without backpropagation is held to.
"""

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.frozen import learning
from neuromgd.chip.machine import Machine
from neuromgd.chip.record import Record
from neuromgd.chip.update import update
from neuromgd.chip.waiting import waited
from neuromgd.data.sample import Sample
from neuromgd.synapse.state import at_rest
from neuromgd.typing import Arrays


def window_by_backprop(
    machine: Machine, chip: Chip, number: Int[Array, ""], sample: Sample
) -> tuple[Chip, Record]:
    """Writes one window's exact gradient, by backpropagation, through the rule and the cells.

    Takes what ``neuromgd.chip.window.window`` takes. The request is −η∇C: no step normalisation,
    since the length of an exact gradient needs none.
    """
    design, chip = machine.design, waited(machine, chip, number, machine.tau.update)

    def cost(theta: Arrays):
        # The host knows the network, not the periphery: a rounded output has no slope.
        return jnp.mean(jax.vmap(design.cost)(design.network.apply(theta, sample.x), sample.y))

    value, gradient = jax.value_and_grad(cost)(weights(chip))
    gradient = learning(design, gradient)
    told = at_rest(gradient).replace(gradient_sum=gradient, received=jnp.ones((), jnp.int32))
    exact = machine.replace(design=dataclasses.replace(design, step_normalisation="none"))
    chip = update(exact, chip.replace(synapse=told), number)
    return chip.replace(synapse=None), Record(cost=value, delta_cost=jnp.zeros_like(value))
