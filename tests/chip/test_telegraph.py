"""Random telegraph noise: two levels, held from reading to reading as long as their times say."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.bus.references import REFERENCES
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.modes.node import NODE
from neuromgd.chip.modes.weight import WEIGHT
from neuromgd.chip.passes import reference_costs
from neuromgd.chip.waiting import waited
from neuromgd.chip.window import steps_because
from neuromgd.data.sample import Sample
from neuromgd.device.cell import read
from neuromgd.device.params import cell_params
from neuromgd.device.telegraph import switched
from neuromgd.network.network import from_module
from neuromgd.randomness import root_key
from neuromgd.synapse.state import SynapseParams
from tests.chip.small import number
from tests.device.cells import made, params, stored, written
from tests.statistics import assert_rate, assert_uncorrelated

HIGH, LOW, STEP, BETWEEN = 2e-3, 1e-3, 1e-3, 4e-4
SHARE, TAU = HIGH / (HIGH + LOW), HIGH * LOW / (HIGH + LOW)
NOISE = dict(
    telegraph_noise=0.1, telegraph_high_time=HIGH, telegraph_low_time=LOW, weight_min=-1,
    weight_max=1, zero_signal_weight=-1,
)  # fmt: skip
CELLS = 40_000
later_levels = jax.jit(switched)


def both_high(seconds: float) -> float:
    """Probability of the upper level at two moments: p² and the autocovariance."""
    return SHARE**2 + SHARE * (1 - SHARE) * np.exp(-seconds / TAU)


@pytest.mark.parametrize("seconds", [0.0, 2e-4, 1e-3, 1.0])
def test_levels_keep_their_share_and_forget_as_their_times_say(seconds):
    p = params(**NOISE)
    traits = made(p, (CELLS,), 1)
    assert_rate(traits.is_high.sum(), CELLS, SHARE)
    after = later_levels(p, traits, traits.is_high, number(seconds), jax.random.key(3))
    assert_rate(after.sum(), CELLS, SHARE)
    assert_rate((after & traits.is_high).sum(), CELLS, both_high(seconds))


def test_the_two_levels_lie_around_what_is_kept_and_part_by_the_noise():
    p = params(**NOISE, telegraph_noise_relative=0.2)
    cell = stored(p, [0.3] * 9, made(p, (9,), 2))
    expected = {0.3 + (0.1 + 0.2 * 1.3) * (is_high - SHARE) for is_high in (0, 1)}
    np.testing.assert_allclose(np.unique(read(cell)), sorted(expected), rtol=1e-6)
    np.testing.assert_array_equal(read(cell) > 0.3, cell.telegraph.is_high)


def test_a_write_moves_both_levels_and_leaves_the_trap():
    from neuromgd.device.laws import LAWS

    p = params(**NOISE)
    traits = made(p, (9,), 2)
    cell = stored(p, [0.3] * 9, traits)
    after = written(LAWS["ideal"], p, cell, [0.2] * 9, 1, traits)
    np.testing.assert_allclose(read(after) - read(cell), 0.2, atol=1e-6)
    np.testing.assert_allclose(after.telegraph.seen_later, read(after), atol=1e-6)


def test_a_share_of_cells_has_a_trap_of_its_own_size_and_speed():
    p = params(**NOISE, telegraph_fraction=0.3, telegraph_spread=0.5, telegraph_time_spread=1.5)
    traits = made(p, (CELLS,), 3)
    gain = np.asarray(traits.telegraph_gain)
    assert_rate((gain > 0).sum(), CELLS, 0.3)
    np.testing.assert_allclose(np.log(gain[gain > 0]).std(), 0.5, rtol=0.03)
    seconds = 1e-3
    after = later_levels(p, traits, traits.is_high, number(seconds), jax.random.key(3))
    chances = SHARE**2 + SHARE * (1 - SHARE) * np.exp(
        -seconds / TAU / np.asarray(traits.telegraph_time_gain)
    )
    assert_rate((after & traits.is_high).sum(), CELLS, chances.mean())
    assert_rate(after.sum(), CELLS, SHARE)


def machine_of(reference="two_pass", mode=WEIGHT, difference="finite", seconds=STEP, **numbers):
    design = Design(
        from_module(nn.Dense(1, use_bias=False), (30,)), cost=lambda output, _: output[0],
        mode=mode, reference=REFERENCES[reference], cost_difference=difference,
    )  # fmt: skip
    chip_params = ChipParams(
        synapse=SynapseParams(amplitude=number(1e-2), learning_rate=number(0)),
        device=cell_params(NOISE | dict(pass_time=BETWEEN) | numbers),
        seconds_per_timestep=number(seconds),
    )
    machine = Machine(design, chip_params, Tau(1, 1, 1))
    return machine, fabricate(machine, root_key(1, 0))


def test_a_chip_goes_on_between_the_passes_and_from_timestep_to_timestep():
    machine, chip = machine_of()

    def one(chip, n):
        chip = waited(machine, chip, n)
        traps = chip.cells["kernel"].telegraph
        return chip, (traps.is_high[:, 0], traps.is_high_later[:, 0])

    # Timesteps three times as far apart as a trap remembers are as good as independent.
    _, levels = jax.lax.scan(one, chip, jnp.arange(2_000))
    first, later = map(np.asarray, levels)
    assert_uncorrelated(later[::5])
    assert_rate((first & later)[::5].sum(), first[::5].size, both_high(BETWEEN))
    onwards = (later[:-1] & first[1:])[::5]
    assert_rate(onwards.sum(), onwards.size, both_high(STEP - BETWEEN))
    assert_rate((first[:-1] & first[1:])[::5].sum(), onwards.size, both_high(STEP))


@pytest.mark.parametrize("mode", [WEIGHT, NODE], ids=["weight", "node"])
@pytest.mark.parametrize("reference", ["two_pass", "central"])
def test_each_pass_finds_the_levels_of_its_moment(reference, mode):
    machine, chip = machine_of(reference, mode)
    x = np.linspace(-1, 2, 30, dtype=np.float32)
    sample, n = Sample(jnp.asarray(x)[None], jnp.zeros(1)), jnp.arange(1) + 7
    chip = waited(machine, chip, n[0]).replace(synapse=mode.at_rest(weights(chip)))
    first = x @ np.asarray(weights(chip)["kernel"])[:, 0]
    later = x @ np.asarray(chip.cells["kernel"].telegraph.seen_later)[:, 0]
    assert abs(first - later) > 0.01
    cost_0 = reference_costs(machine, chip, weights(chip), sample, n)
    kick = mode.kick(machine, chip, n[0])
    costs, _ = mode.compare(machine, chip, weights(chip), kick, sample, cost_0, n)
    if mode is WEIGHT:
        kicked = x @ np.asarray(kick.drawn["kernel"])[:, 0]
    else:
        kicked = float(jnp.ravel(jax.tree.leaves(kick.kicks)[0])[0])
    if reference == "two_pass":
        expected = first, later + kicked
    else:
        expected = later - kicked, first + kicked
    np.testing.assert_allclose(costs.reference[0], expected[0], atol=1e-5)
    np.testing.assert_allclose(costs.perturbed[0], expected[1], atol=1e-5)


def test_a_slope_has_one_moment():
    machine, chip = machine_of(difference="exact")
    sample, n = Sample(jnp.ones((1, 30)), jnp.zeros(1)), jnp.arange(1)
    chip = waited(machine, chip, n[0])
    kick = WEIGHT.kick(machine, chip, n[0])
    costs, _ = WEIGHT.compare(machine, chip, weights(chip), kick, sample, None, n)
    np.testing.assert_allclose(costs.perturbed[0], np.sum(kick.drawn["kernel"]), rtol=1e-4)


def test_windows_of_traps_are_taken_by_timesteps_and_others_at_once():
    assert "traps" in str(steps_because(machine_of()[0]))
    assert steps_because(machine_of(telegraph_noise=None)[0]) is None
    machine, chip = machine_of(telegraph_noise=None)
    assert chip.cells["kernel"].seen is None
    assert waited(machine, chip, jnp.int32(0)) is chip
