"""What an ideal chip's program holds: the signs of its kick, and no trace of an absent effect."""

from collections import Counter
from functools import cache

import jax
import jax.numpy as jnp
import pytest
from jax.extend import core

from neuromgd.chip.chip import fabricate
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window
from neuromgd.randomness import root_key
from tests.chip.small import IDEAL, NETWORK, NOISY, samples

TAU = Tau(1, 4, 4)


@cache
def operations(is_noisy):
    """How often every operation stands in the program of a window, with all it calls."""
    design, params, found = Design(NETWORK), NOISY if is_noisy else IDEAL, Counter()
    chip = fabricate(Machine(design, params, TAU), root_key(0, 0))
    traced = jax.make_jaxpr(window)(
        Machine(design, params, TAU), chip, jnp.int32(0), samples(4, seed=0)
    )

    def count(jaxpr):
        for equation in jaxpr.eqns:
            found[equation.params.get("name", equation.primitive.name)] += 1
            for inner in jax.tree.leaves(
                list(equation.params.values()),
                is_leaf=lambda leaf: isinstance(leaf, core.ClosedJaxpr | core.Jaxpr),
            ):
                if isinstance(inner, core.ClosedJaxpr):
                    count(inner.jaxpr)
                elif isinstance(inner, core.Jaxpr):
                    count(inner)

    count(traced.jaxpr)
    return found


def test_an_ideal_chip_draws_the_signs_of_its_arrays_and_nothing_else():
    found = operations(is_noisy=False)
    assert found["random_bits"] == 4
    assert found["box_muller"] == 0


@pytest.mark.parametrize("absent", ["round", "floor", "clamp", "clip", "scan", "while", "sqrt"])
def test_an_ideal_chip_has_no_converter_pulse_or_loop(absent):
    assert operations(is_noisy=False)[absent] == 0


def test_effects_that_are_there_are_in_the_program():
    found = operations(is_noisy=True)
    assert found["box_muller"] > 0
    assert found["round"] + found["floor"] > 0
