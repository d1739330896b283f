"""The perturbation code of a run, and what its amplitude means."""

import math

import jax

from neuromgd.chip.frozen import learning
from neuromgd.chip.machine import Machine
from neuromgd.numbers import CODE_NUMBERS
from neuromgd.options.config import SynapseConfig
from neuromgd.synapse.antithetic import antithetic
from neuromgd.synapse.codes import code
from neuromgd.synapse.codes.code import Code
from neuromgd.synapse.in_turn import in_turn, shares
from neuromgd.synapse.state import SynapseParams


def named(synapse: SynapseConfig, own: Code | None = None) -> Code:
    """Returns the code of a run: the one that is brought, or that the options name.

    Args:
        synapse: Gives its name and numbers, whether arrays are kicked in turn and opposite kicks
            follow each other.
        own: What a library user brings.
    """
    numbers = {name: getattr(synapse, name) for name in CODE_NUMBERS}
    one = own or code(synapse.code, **numbers)
    one = in_turn(one) if synapse.in_turn else one
    return antithetic(one) if synapse.antithetic else one


def of_kicks(machine: Machine) -> SynapseParams:
    """Returns learning circuits whose largest kicks are what their amplitudes were before."""
    design, synapse = machine.design, machine.params.synapse
    theta = jax.eval_shape(design.network.initialise, jax.random.key(0))
    kicked = design.mode.kicked(machine, learning(design, theta))
    if design.code.is_in_turn:
        turns = shares(kicked)
        largest = math.sqrt(len(turns)) * max(map(design.code.largest, turns))
    else:
        every = jax.tree.leaves(kicked)
        largest = design.code.largest(sum(math.prod(one.shape) for one in every))
    node = synapse.node_amplitude
    return synapse.replace(
        amplitude=synapse.amplitude / largest,
        node_amplitude=None if node is None else node / largest,
    )
