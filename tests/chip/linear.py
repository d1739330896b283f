"""A chip of one array whose cost is any function of its weights, and the estimates it makes."""

import jax
import jax.numpy as jnp
import numpy as np

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window
from neuromgd.data.sample import Sample
from neuromgd.network.network import Network
from neuromgd.randomness import root_key
from neuromgd.synapse.state import SynapseParams
from tests.chip.small import number

P = 12
NOTHING = Sample(jnp.zeros((1, 1)), jnp.zeros(1))


def chip_of(cost, amplitude, spread=None, **synapse):
    """A chip of one array whose cost is any function of its weights."""
    network = Network(
        initialise=lambda key: {"array": jax.random.normal(key, (P,))},
        apply=lambda theta, x: cost(theta["array"])[None, None] + 0 * x,
    )
    # A rate of one without normalisation writes −Ĝ itself: the change of θ is the estimate.
    design = Design(network, cost=lambda output, _: output[0], step_normalisation="none")
    numbers = {"amplitude": amplitude, "learning_rate": 1.0, "amplitude_spread": spread} | synapse
    params = ChipParams(
        synapse=SynapseParams(
            **{name: None if value is None else number(value) for name, value in numbers.items()}
        )
    )
    return design, params, fabricate(Machine(design, params, Tau(1, 1, 1)), root_key(0, 0))


def estimates(design, params, chip, perturbations, count):
    """Returns (count, P) independent estimates, each of some perturbations of one sample."""
    tau = Tau(perturbations, 1, perturbations)
    before = weights(chip)["array"]

    @jax.jit
    def one(number):
        after, _ = window(Machine(design, params, tau), chip, number, NOTHING)
        return before - weights(after)["array"]

    return np.asarray(jax.lax.map(one, jnp.arange(count), batch_size=1000), float)
