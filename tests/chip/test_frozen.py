"""Frozen arrays are read like others, but neither kicked nor written, and cost no time for it."""

from fractions import Fraction
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import MODES
from neuromgd.chip.modes.node import by_array
from neuromgd.chip.window import window, window_by_steps
from neuromgd.device.over_arrays import over_arrays
from neuromgd.errors import InputError
from neuromgd.network.network import Network
from neuromgd.options.config import Config
from neuromgd.options.read import checked
from neuromgd.plan.clock import workload
from neuromgd.plan.plan import plan
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from tests.chip.small import IDEAL, NETWORK, NOISY, samples

TAU = Tau(1, 1, 4)
LAST, FIRST = (("Dense_1",),), (("Dense_0",),)


def lived(design, params, engine=window, windows=2):
    machine = Machine(design, params, TAU)
    chip = fabricate(machine, root_key(3, 0))

    before, advance = chip, jax.jit(engine)
    for number in range(windows):
        chip, record = advance(machine, chip, jnp.asarray(number), samples(4, seed=number))
    return before, chip, record.cost


@cache
def noisy(mode, frozen, engine):
    kinds = {"weight": MODES["weight"], "last": by_array(("node", "frozen"))}
    design = Design(NETWORK, mode=kinds.get(mode) or by_array(("frozen", "node")), frozen=frozen)
    return lived(design, NOISY, engine)


@pytest.mark.parametrize(
    ("mode", "frozen"),
    [
        pytest.param("weight", LAST, marks=pytest.mark.slow),
        pytest.param("last", LAST, marks=pytest.mark.slow),
        pytest.param("first", FIRST, marks=pytest.mark.slow),
    ],
)
def test_a_frozen_array_stays_and_a_window_is_its_timesteps(mode, frozen):
    before, after, cost = noisy(mode, frozen, window)
    name = frozen[0][0]
    own = lambda chip, name: jax.tree.leaves(chip.cells[name])
    for one, other in zip(own(before, name), own(after, name), strict=True):
        np.testing.assert_array_equal(one, other)
    learns = "Dense_0" if name == "Dense_1" else "Dense_1"
    assert np.abs(weights(after)[learns]["kernel"] - weights(before)[learns]["kernel"]).max() > 1e-3
    assert not jax.tree.leaves(after.rule_state) or name not in after.rule_state
    _, stepped, cost_of_steps = noisy(mode, frozen, window_by_steps)
    for one, other in zip(
        jax.tree.leaves(weights(after)), jax.tree.leaves(weights(stepped)), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=2e-5)
    np.testing.assert_allclose(cost, cost_of_steps, rtol=1e-5)


@pytest.mark.parametrize("code", ["rademacher", "product"])
def test_what_learns_is_a_chip_in_front_of_a_fixed_function(code):
    """The same kicks, costs, estimates and step: a frozen array counts nowhere."""
    design = Design(NETWORK, code=CODES[code], frozen=LAST)
    first, after, cost = lived(design, IDEAL)
    fixed = weights(first)["Dense_1"]

    def whole(theta):
        return {**theta, "Dense_1": fixed}

    alone = Network(
        lambda key: {"Dense_0": NETWORK.initialise(key)["Dense_0"]},
        lambda theta, x: NETWORK.apply(whole(theta), x),
    )
    # Without modules of its own it cannot be told rows and columns: it is kicked as whole arrays.
    _, expected, cost_alone = lived(Design(alone, code=CODES[code]), IDEAL)
    np.testing.assert_allclose(cost, cost_alone, rtol=1e-5)
    for name in ("kernel", "bias"):
        np.testing.assert_allclose(
            weights(after)["Dense_0"][name], weights(expected)["Dense_0"][name], atol=5e-6
        )


@pytest.mark.slow
def test_a_kick_that_is_written_leaves_frozen_cells_alone():
    design = Design(NETWORK, perturbation_element="cell", frozen=LAST)
    before, after, _ = lived(design, NOISY, windows=1)
    count = lambda chip: over_arrays(lambda cell: int(cell.writes.sum()), chip.cells)
    assert sum(jax.tree.leaves(count(after)["Dense_1"])) == 0
    assert sum(jax.tree.leaves(count(after)["Dense_0"])) > 0
    np.testing.assert_array_equal(
        weights(after)["Dense_1"]["kernel"], weights(before)["Dense_1"]["kernel"]
    )


def config(**learning):
    return checked(Config(
        task="parity", windows=2, chips=1, ideal=True, platform="capacitor_cmos",
        network={"hidden": (3,)}, learning=learning,
    ))  # fmt: skip


def recorded(**learning):
    one = plan(config(**learning))
    return one, workload(config(**learning), one.machine, one.layers, 1000)


def test_the_clock_counts_no_kicks_and_no_writes_of_frozen_arrays():
    one, facts = recorded(mode="wp,frozen", rates="0.1,0")
    # 2 inputs, 3 neurons, 1 output.
    assert (facts["frozen"], facts["learning"], facts["kicked"]) == ((1,), 9, 9)
    _, neurons = recorded(mode="frozen,np", rates="0,0.1")
    assert (neurons["frozen"], neurons["learning"], neurons["kicked"]) == ((0,), 4, 1)
    _, whole = recorded(rates="0.1,0.2")
    assert "frozen" not in whole
    spent, plain = (report.energy.by(0) for report in (one.report, plan(config()).report))
    # 9 of 13 synapses are kicked and add up, their 6 of 9 cells are written.
    for name, share in (("perturb", Fraction(9, 13)), ("accumulate", Fraction(9, 13)),
                        ("write", Fraction(6, 9)), ("read", 1)):  # fmt: skip
        assert spent[name] == plain[name] * share > 0


@pytest.mark.parametrize(
    ("learning", "line"),
    [
        (dict(mode="wp,frozen,wp"), "gives 3 words, the network has 2 arrays: Dense_0, Dense_1"),
        (dict(mode="frozen,frozen"), "every array is frozen, none learns"),
        (dict(mode="wp,frozen", rates="0.1,0.1"), "read '0.1' of a frozen array, expected 0"),
        (dict(rates="0.1,0"), "expected a rate > 0; an array that is not to learn has the word"),
    ],
)
def test_what_cannot_be_frozen_is_refused(learning, line):
    with pytest.raises(InputError, match=line):
        recorded(**learning)
