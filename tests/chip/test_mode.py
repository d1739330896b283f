"""Learning modes are plug-ins: one with a memory between windows fits in from outside."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import struct

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import MODES
from neuromgd.chip.step import step
from neuromgd.chip.update import aged, requested, written
from neuromgd.chip.window import steps_because, window
from neuromgd.errors import InputError
from neuromgd.randomness import root_key
from neuromgd.synapse.learn import forget
from neuromgd.synapse.state import at_rest
from neuromgd.typing import Arrays, Leaf
from tests.chip.small import IDEAL, NETWORK, samples

WEIGHT = MODES["weight"]
TAU = Tau(1, 2, 4)


class Keeping(struct.PyTreeNode):
    """A learning circuit that keeps what it asked for and did not write."""

    circuit: Leaf
    residue: Arrays


def keeping(threshold):
    """Weight perturbation whose synapses write only from a threshold on [w.u.]."""

    def learn(machine, chip, delta_cost, n):
        after = WEIGHT.learn(machine, chip.replace(synapse=chip.synapse.circuit), delta_cost, n)
        return after.replace(synapse=chip.synapse.replace(circuit=after.synapse))

    def update(machine, chip, number):
        kept = chip.synapse
        inner = aged(machine, chip.replace(synapse=kept.circuit), number)
        request, inner = requested(machine, inner, number)
        total = jax.tree.map(jnp.add, kept.residue, request)
        asked = jax.tree.map(lambda one: jnp.where(abs(one) >= threshold, one, 0.0), total)
        left = jax.tree.map(jnp.subtract, total, asked)
        inner = written(machine, inner, asked, number)
        return inner.replace(synapse=Keeping(forget(inner.synapse), left))

    return WEIGHT._replace(
        at_rest=lambda theta: Keeping(at_rest(theta), jax.tree.map(jnp.zeros_like, theta)),
        learn=learn, update=update, window=None, carries=True,
    )  # fmt: skip


def run(mode, windows=12):
    """The weights after every window, and the chip at the end."""
    machine = Machine(dataclasses.replace(Design(NETWORK), mode=mode), IDEAL, TAU)
    chip, advance, path = fabricate(machine, root_key(1, 0)), jax.jit(window), []
    for number in range(windows):
        path.append(weights(chip))
        chip, _ = advance(machine, chip, jnp.int32(number), samples(4, seed=number))
    return [*path, weights(chip)], chip


def flat(tree):
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)]).astype(float)


def test_a_threshold_of_zero_is_plain_weight_perturbation():
    (*_, kept), _ = run(keeping(0.0))
    (*_, plain), _ = run(WEIGHT._replace(window=None))
    jax.tree.map(np.testing.assert_array_equal, kept, plain)


def test_what_is_not_written_is_carried_from_window_to_window():
    threshold = 0.1
    path, chip = run(keeping(threshold))
    residue = flat(chip.synapse.residue)
    assert (np.abs(residue) < threshold).all()
    assert (residue != 0).any()
    moves = np.diff([flat(theta) for theta in path], axis=0)
    moved = moves[moves != 0]
    # To float32 rounding of weights of order one.
    assert (np.abs(moved) > threshold - 1e-6).all()
    assert 0 < moved.size < moves.size


def test_a_window_of_a_mode_equals_its_timesteps():
    _, at_once = run(keeping(0.1), windows=2)
    machine = Machine(dataclasses.replace(Design(NETWORK), mode=keeping(0.1)), IDEAL, TAU)
    chip, shown = fabricate(machine, root_key(1, 0)), [samples(4, seed=n) for n in range(2)]
    advance = jax.jit(step)
    for n in range(8):
        sample = jax.tree.map(lambda leaf, n=n: leaf[n % 4][None], shown[n // 4])
        chip, _ = advance(machine, chip, jnp.int32(n), sample)
    np.testing.assert_allclose(flat(weights(chip)), flat(weights(at_once)), atol=1e-6)
    np.testing.assert_allclose(flat(chip.synapse.residue), flat(at_once.synapse.residue), atol=1e-6)


def test_why_a_mode_takes_timesteps_one_by_one_is_said():
    own = dataclasses.replace(Design(NETWORK), mode=keeping(0.0))
    assert "no other way" in str(steps_because(Machine(own, IDEAL, TAU)))
    assert steps_because(Machine(Design(NETWORK), IDEAL, TAU)) is None


@pytest.mark.parametrize("name", ["step_normalisation", "broadcast", "cost_difference", "kernel"])
def test_a_word_that_is_not_known_is_refused(name):
    with pytest.raises(InputError, match="read 'nonee', there are"):
        Design(NETWORK, **{name: "nonee"})
