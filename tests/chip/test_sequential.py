"""One synapse at a time: the estimate is the forward difference itself, bit for bit."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.bus.references import REFERENCES
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window, window_by_steps
from neuromgd.data.sample import Sample
from neuromgd.network.network import Network
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from neuromgd.synapse.state import SynapseParams
from tests.chip.small import number

# All numbers are sums of a few powers of two: no sum or product of them is ever rounded.
THETA = {"kernel": np.array([[0.5, -0.25, 0.75]], np.float32), "bias": np.float32(1.25)[None]}
SYNAPSES, AMPLITUDE = 4, 2.0**-4
KICK = 2 * AMPLITUDE


def cost_of(kernel, bias, x):
    return x * (kernel[0, 0] ** 2 + 3 * kernel[0, 1] * bias[0] - kernel[0, 2] ** 3) + bias[0] ** 2


@pytest.mark.parametrize(
    ("tau", "reference"), [(Tau(8, 2, 8), "reuse"), (Tau(2, 8, 32), "central")]
)
def test_a_period_gives_the_finite_difference(tau, reference):
    network = Network(
        initialise=lambda key: jax.tree.map(jnp.asarray, THETA),
        apply=lambda theta, x: cost_of(theta["kernel"], theta["bias"], x[:, 0])[:, None],
    )
    design = Design(
        network, cost=lambda output, _: output[0], step_normalisation="none",
        code=CODES["sequential"], reference=REFERENCES[reference],
    )  # fmt: skip
    synapse = SynapseParams(amplitude=number(AMPLITUDE), learning_rate=number(1))
    machine = Machine(design, ChipParams(synapse=synapse), tau)
    chip = fabricate(machine, root_key(0, 0))
    # The samples under one kick; every kick meets the same ones.
    shown = np.exp2(np.arange(max(tau.perturbation // tau.sample, 1), dtype=np.float32))
    x = jnp.tile(jnp.asarray(shown), tau.update // tau.sample // len(shown))[:, None]
    for engine in (window, window_by_steps):
        advance = jax.jit(engine)
        after, _ = advance(machine, chip, jnp.int32(0), Sample(x, jnp.zeros(len(x))))
        estimate = jax.tree.map(lambda a, b: a - np.asarray(b), THETA, weights(after))
        for name, place in [
            ("kernel", (0, 0)),
            ("kernel", (0, 1)),
            ("kernel", (0, 2)),
            ("bias", 0),
        ]:
            assert estimate[name][place] == difference(name, place, shown, reference)


def difference(name, place, shown, reference):
    """(C(θ + δe) − C(θ ∓ δe))/… over the samples that are shown under one kick."""

    def at(kick):
        moved = {key: value.copy() for key, value in THETA.items()}
        moved[name][place] += kick
        return np.mean([cost_of(**moved, x=float(x)) for x in shown])

    if reference == "central":
        return (at(KICK) - at(-KICK)) / (2 * KICK)
    return (at(KICK) - at(0)) / KICK
