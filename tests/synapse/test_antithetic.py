"""Opposite kicks follow each other: a pair tells a cost without its even part."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.bus.references import REFERENCES
from neuromgd.chip.chip import weights
from neuromgd.chip.design import Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window
from neuromgd.synapse.antithetic import antithetic
from neuromgd.synapse.codes import CODES
from tests.chip.linear import NOTHING, chip_of
from tests.conformance.codes import (
    ARRAYS,
    KEY,
    SYNAPSES,
    assert_equal_power,
    assert_length_told,
    assert_size_told,
    patterns,
)

PAIRS = {name: antithetic(CODES[name]) for name in ("rademacher", "product", "sequential")}


@pytest.mark.parametrize("name", PAIRS)
def test_every_second_slot_is_the_opposite_of_the_one_before(name):
    drawn = patterns(PAIRS[name])
    np.testing.assert_array_equal(drawn[1::2], -drawn[::2])
    np.testing.assert_array_equal(drawn[::2], patterns(CODES[name])[: len(drawn) // 2])
    assert PAIRS[name].period(SYNAPSES) == (84 if name == "sequential" else None)
    assert antithetic(CODES[name]) is PAIRS[name]


@pytest.mark.parametrize("requirement", [assert_equal_power, assert_length_told, assert_size_told])
def test_a_pair_counts_once_in_the_length_of_an_estimate(requirement):
    requirement(PAIRS["product"])


@pytest.mark.parametrize("count", [6, 3])
def test_factors_of_a_block_are_the_patterns_of_its_slots(count):
    code, block = PAIRS["product"], jnp.int32(7)
    factors = jax.jit(code.factors, static_argnums=3)(KEY, ARRAYS, block, count)
    every = patterns(code)[7 * count : 8 * count].reshape(count, -1)
    dense = {name: own.dense().reshape(count, -1) for name, own in factors.items()}
    np.testing.assert_array_equal(np.concatenate([dense["bias"], dense["kernel"]], 1), every)
    for own in factors.values():
        np.testing.assert_array_equal(own.across, own.rows.T)


def test_two_slots_of_one_sample_give_the_central_difference():
    """(C(θ+θ̃) − C0)·θ̃ and (C(θ−θ̃) − C0)·(−θ̃) are two halves of (C(θ+θ̃) − C(θ−θ̃))·θ̃."""
    found = []
    for reference, code, tau in (
        ("two_pass", PAIRS["rademacher"], Tau(2, 1, 2)),
        ("central", CODES["rademacher"], Tau(1, 1, 1)),
        ("two_pass", CODES["rademacher"], Tau(1, 1, 1)),
    ):
        design, params, chip = chip_of(lambda theta: jnp.sum(theta**3 + theta**2), 0.5)
        design = dataclasses.replace(design, code=code, reference=REFERENCES[reference])
        after, _ = jax.jit(window)(Machine(design, params, tau), chip, jnp.int32(0), NOTHING)
        found.append(np.asarray(weights(after)["array"]))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-4, atol=1e-4)
    assert np.abs(found[2] - found[1]).max() > 1
