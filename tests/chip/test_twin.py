"""The chip against its independent twin, timestep by timestep, on the same draws."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.bus.meter import BusParams
from neuromgd.bus.references import REFERENCES
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.step import step
from neuromgd.device.params import DeviceParams
from neuromgd.randomness import Stream, each, normal, root_key, stream
from neuromgd.synapse.codes import CODES
from neuromgd.synapse.state import SynapseParams
from tests.chip.small import NETWORK, number, samples
from tests.oracles.twin import twin

STEPS = 200
AMPLITUDE, RATE, SIGMA = 0.05, 0.2, 0.01
PARAMS = ChipParams(
    synapse=SynapseParams(
        amplitude=number(AMPLITUDE), learning_rate=number(RATE), amplitude_spread=number(0.2)
    ),
    device=DeviceParams(update_noise=number(SIGMA), write_noise=number(SIGMA)),
    bus=BusParams(cost_noise=number(SIGMA)),
)
TAUS = [(1, 1, 1), (1, 4, 4), (1, 1, 4), (4, 1, 4), (2, 4, 8), (4, 2, 8), (8, 8, 8), (5, 1, 5)]


@pytest.mark.parametrize(("reference", "broadcast"), [
    ("two_pass", "perturbation"),
    pytest.param("reuse", "timestep", marks=pytest.mark.slow),
    pytest.param("central", "perturbation", marks=pytest.mark.slow),
])  # fmt: skip
def test_the_chip_follows_its_twin(reference, broadcast):
    design = Design(NETWORK, reference=REFERENCES[reference], broadcast=broadcast)
    traces = []

    @jax.jit
    def run(tau, chip, shown):
        traces.append(tau)

        def one(chip, n):
            sample = jax.tree.map(lambda leaf: leaf[n // tau.sample][None], shown)
            chip, _ = step(Machine(design, PARAMS, tau), chip, n, sample)
            return chip, weights(chip)

        return jax.lax.scan(one, chip, jnp.arange(STEPS))[1]

    chip = fabricate(Machine(design, PARAMS, Tau(*TAUS[0])), root_key(3, 0))
    shown = samples(STEPS, seed=5)
    for tau in TAUS:
        ours = as_pairs(run(Tau(*(jnp.int32(t) for t in tau)), chip, shown))
        theirs = twin(
            as_pairs(weights(chip)), as_pairs(chip.traits.synapse.amplitude_gain), draws(chip),
            np.asarray(shown.x, float), np.asarray(shown.y), tau, AMPLITUDE, RATE, STEPS,
            reference, broadcast,
        )  # fmt: skip
        for layer in range(2):
            for kind in range(2):
                twins = np.stack([seen[layer][kind] for seen in theirs])
                np.testing.assert_allclose(ours[layer][kind], twins, atol=5e-4, err_msg=f"{tau}")
    assert len(traces) == 1, "hold times are traced: no value of theirs compiles again"


def as_pairs(tree):
    return [[np.asarray(leaf, float) for leaf in layer.values()] for layer in tree.values()]


def draws(chip):
    """The chip's own draws, by name and event."""
    theta = weights(chip)

    def normals(which, event):
        keys = each(chip.key, which, event, theta)
        return jax.tree.map(lambda k, leaf: SIGMA * normal(k, leaf.shape), keys, theta)

    def of_event(event):
        return {
            "code": CODES["rademacher"].draw(chip.key, theta, event),
            "cost": SIGMA * normal(stream(chip.key, Stream.COST, event)),
            "reference": SIGMA * normal(stream(chip.key, Stream.COST_REFERENCE, event)),
            "update": normals(Stream.UPDATE, event),
            "write": normals(Stream.WRITE, event),
        }

    every = jax.tree.map(np.asarray, jax.jit(jax.vmap(of_event))(jnp.arange(STEPS)))
    drawn = lambda name: lambda event: jax.tree.map(lambda leaf: leaf[event], every[name])
    arrays = lambda name: lambda event: as_pairs(drawn(name)(event))
    return SimpleNamespace(
        code=arrays("code"), cost=drawn("cost"), reference=drawn("reference"),
        update=arrays("update"), write=arrays("write"),
    )  # fmt: skip
