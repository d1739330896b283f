"""Writes: every effect of the cell alone, against what theory says of it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.cell_choices import Choices
from neuromgd.device.cell import bounded, read
from neuromgd.device.laws import LAWS
from neuromgd.device.traits import Traits
from neuromgd.device.write import write, write_noises
from neuromgd.words import Bound, Draws, Joining
from tests.device.cells import keys_for, made, number, params, stored, written
from tests.statistics import (
    assert_distribution,
    assert_mean,
    assert_rate,
    assert_uncorrelated,
    assert_variance,
)

CELLS = 40_000
LINEAR, IDEAL = LAWS["linear"], LAWS["ideal"]
WINDOW = dict(weight_min=-1, weight_max=1)


def test_an_ideal_cell_takes_the_request_and_nothing_else_is_computed():
    p = params()
    cell = stored(p, np.zeros(5))
    program = jax.make_jaxpr(lambda c, r: write(LINEAR, "stochastic", p, c, r))(cell, jnp.zeros(5))
    assert {str(e.primitive) for e in program.eqns} <= {"add", "ne", "convert_element_type"}
    np.testing.assert_array_equal(written(LINEAR, p, cell, np.arange(5), 0).weight, np.arange(5))
    assert write_noises(p) == ()


def test_stochastic_rounding_is_unbiased():
    p = params(update_step=0.01)
    after = written(LINEAR, p, stored(p, np.zeros(CELLS)), np.full(CELLS, 0.0037), 1,
                    rounding="stochastic")  # fmt: skip
    assert_mean(after.weight, 0.0037, 0.01**2 * 0.37 * 0.63, sees=0.05)
    assert set(np.unique(np.round(np.asarray(after.weight), 6))) == {0.0, np.float32(0.01)}
    np.testing.assert_array_equal(after.writes, np.asarray(after.weight) > 0)


def test_a_request_below_half_a_step_is_nothing_when_rounded_to_nearest():
    p = params(update_step=0.01, write_noise=0.1)
    cell = stored(p, np.zeros(9))
    after = written(LINEAR, p, cell, np.full(9, 0.004), 1)
    np.testing.assert_array_equal(read(after), read(cell))
    assert not after.writes.any()


def test_a_write_gives_no_more_pulses_than_it_can():
    p = params(update_step=0.01, pulses_per_write_max=3)
    after = written(LINEAR, p, stored(p, np.zeros(2)), [0.1, -0.1], 0)
    np.testing.assert_allclose(after.weight, [0.03, -0.03], rtol=1e-6)


@pytest.mark.parametrize("count", [1, 9])
def test_cycle_noise_of_a_write_is_that_of_its_pulses(count):
    p = params(update_step=0.01, cycle_noise=0.3)
    after = written(LINEAR, p, stored(p, np.zeros(CELLS)), np.full(CELLS, count * 0.01), 2)
    assert_mean(after.weight, count * 0.01, count * 0.003**2, sees=0.05)
    assert_variance(after.weight, count * 0.003**2)


def test_write_noise_is_seen_and_not_kept():
    p = params(write_noise=0.1)
    after = written(IDEAL, p, stored(p, np.zeros(CELLS)), np.full(CELLS, 0.5), 3)
    np.testing.assert_array_equal(after.weight, np.float32(0.5))
    assert_mean(read(after), 0.5, 0.01, sees=0.05)
    assert_variance(read(after), 0.01)


def test_update_noise_is_kept_and_its_common_part_is_one_draw():
    p = params(update_noise=0.1)
    after = written(IDEAL, p, stored(p, np.zeros(CELLS)), np.ones(CELLS), 4)
    assert_variance(after.weight, 0.01)
    p = params(update_noise_common=0.1)
    after = written(IDEAL, p, stored(p, np.zeros(9)), np.ones(9), 4)
    assert len(set(np.asarray(after.weight).tolist())) == 1
    draws = [float(written(IDEAL, p, stored(p, -1.0), 1.0, seed).weight) for seed in range(300)]
    assert_variance(np.array(draws), 0.01)


def test_noise_of_cells_is_independent():
    p = params(update_step=0.01, cycle_noise=0.3, update_noise=0.01, write_noise=0.01)
    cell = stored(p, np.zeros(6))
    draw = jax.vmap(lambda seed: read(written(LINEAR, p, cell, np.full(6, 0.02), seed)))
    assert_uncorrelated(jax.jit(draw)(jnp.arange(2_000)))


def test_step_spread_is_normal_or_log_normal():
    p = params(update_step=0.01, update_step_spread=0.1)
    assert_mean(made(p, (CELLS,)).step_gain, 1, 0.01, sees=0.05)
    assert_variance(made(p, (CELLS,)).step_gain, 0.01)
    p = params(update_step=0.01, update_step_log_spread=0.7)
    assert_variance(np.log(np.asarray(made(p, (CELLS,)).step_gain)), 0.49)


def test_spread_of_the_step_moves_each_cell_by_its_own_step():
    p = params(update_step=0.01, update_step_spread=0.1, update_asymmetry=0.2,
               update_asymmetry_spread=0.05)  # fmt: skip
    traits = made(p, (CELLS,), 3)
    cell = stored(p, np.zeros(CELLS), traits)
    up = written(LINEAR, p, cell, np.full(CELLS, 0.01), 0, traits).weight / 0.01
    down = written(LINEAR, p, cell, np.full(CELLS, -0.01), 0, traits).weight / 0.01
    np.testing.assert_allclose(up, traits.step_gain * (1 + traits.asymmetry), rtol=1e-5)
    np.testing.assert_allclose(down, -traits.step_gain * (1 - traits.asymmetry), rtol=1e-5)
    assert_mean(traits.asymmetry, 0.2, 0.05**2, sees=0.05)


def test_an_asymmetry_that_is_added_to_the_gain_has_its_own_spread():
    p = params(update_step=0.01, update_step_spread=0.1, update_asymmetry=0.2,
               update_asymmetry_spread=0.05)  # fmt: skip
    added = p.replace(choices=Choices(asymmetry_joining=Joining.SUM))
    # The draws are those of the product.
    gain, beta = made(p, (CELLS,), 3).step_gain, made(p, (CELLS,), 3).asymmetry
    traits = made(added, (CELLS,), 3)
    cell = stored(added, np.zeros(CELLS), traits)
    up = written(LINEAR, added, cell, np.full(CELLS, 0.01), 0, traits).weight / 0.01
    down = written(LINEAR, added, cell, np.full(CELLS, -0.01), 0, traits).weight / 0.01
    np.testing.assert_allclose(up, gain + beta, rtol=1e-5)
    np.testing.assert_allclose(down, -(gain - beta), rtol=1e-5)
    # Without a gain that spreads there is nothing to tell apart.
    alone = params(update_step=0.01, update_asymmetry_spread=0.05)
    other = alone.replace(choices=added.choices)
    np.testing.assert_array_equal(made(alone, (9,)).asymmetry, made(other, (9,)).asymmetry)
    fixed = params(update_step=0.01, update_step_spread=0.1, update_asymmetry=0.2)
    traits = made(fixed.replace(choices=added.choices), (CELLS,), 3)
    np.testing.assert_allclose(traits.step_gain * traits.asymmetry, 0.2, rtol=1e-5)


def test_both_bends_of_a_cell_are_off_by_one_draw_or_by_one_each():
    p = params(update_step=0.01, nonlinearity_up=0.5, nonlinearity_down=0.4,
               nonlinearity_spread=0.05)  # fmt: skip
    common = made(p, (CELLS,)).law_numbers
    off = {name: np.asarray(common[name]) - mean
           for name, mean in (("nonlinearity_up", 0.5), ("nonlinearity_down", 0.4))}  # fmt: skip
    np.testing.assert_allclose(off["nonlinearity_up"], off["nonlinearity_down"], atol=1e-6)
    each = made(p.replace(choices=Choices(nonlinearity_draws=Draws.INDEPENDENT)), (CELLS,))
    own = each.law_numbers
    np.testing.assert_array_equal(own["nonlinearity_up"], common["nonlinearity_up"])
    assert_variance(np.asarray(own["nonlinearity_down"]), 0.05**2)
    assert_uncorrelated(np.stack([own["nonlinearity_up"], own["nonlinearity_down"]], axis=1))


@pytest.mark.parametrize("law", ["linear", "linear_retrace"])
def test_a_bend_is_told_over_the_bound_of_each_cell_or_the_mean_one(law):
    p = params(update_step=0.01, nonlinearity_up=0.5, nonlinearity_down=0.4, weight_min=-0.8,
               weight_max=1.2, weight_min_spread=0.05, weight_max_spread=0.05)  # fmt: skip
    traits = made(p, (9,))
    bottom = "min" if law == "linear" else "max"
    own = [traits.weight_max, getattr(traits, f"weight_{bottom}")]
    mean = [p.weight_max, getattr(p, f"weight_{bottom}")]
    for word, bounds in ((Bound.OWN, own), (Bound.MEAN, mean)):
        chosen = p.replace(choices=Choices(nonlinearity_bound=word))
        cell = stored(chosen, np.full(9, 0.3), traits)
        for sign, gamma, bound in zip((1, -1), (0.5, 0.4), bounds, strict=True):
            after = written(LAWS[law], chosen, cell, np.full(9, sign * 0.01), 0, traits).weight
            expected = 0.3 + sign * 0.01 * (1 - gamma * 0.3 / np.asarray(bound))
            np.testing.assert_allclose(after, expected, rtol=1e-6)


def test_windows_spread_and_hold():
    p = params(update_step=0.5, weight_min_spread=0.1, weight_max_spread=0.2, **WINDOW)
    traits = made(p, (CELLS,))
    assert_variance(traits.weight_max, 0.04)
    assert_variance(traits.weight_min, 0.01)
    after = written(LINEAR, p, stored(p, np.zeros(CELLS), traits), np.full(CELLS, 5), 0, traits)
    np.testing.assert_array_equal(after.weight, traits.weight_max)


def test_a_reference_moves_the_window_and_the_step():
    p = params(update_step=0.1, reference_spread=0.1, nonlinearity_up=1, nonlinearity_down=1,
               **WINDOW)  # fmt: skip
    traits = made(p, (CELLS,))
    assert_variance(traits.reference, 0.01)
    cell = stored(p, np.zeros(CELLS), traits)
    after = written(LINEAR, p, cell, np.full(CELLS, 0.1), 0, traits).weight
    np.testing.assert_allclose(after, 0.1 * (1 - traits.reference), atol=1e-6)
    np.testing.assert_allclose(
        bounded(p, jnp.full(CELLS, 9.0), traits), 1 - traits.reference, rtol=1e-6
    )


def test_stuck_cells_have_their_shares_and_never_move():
    p = params(update_step=0.1, stuck_fraction=0.1, stuck_low_fraction=0.2, stuck_range=0.3,
               stuck_high_fraction=0.05, update_noise=0.1, write_noise=0.1, **WINDOW)  # fmt: skip
    traits = made(p, (CELLS,))
    cell = stored(p, np.full(CELLS, 0.5), traits)
    start = np.asarray(cell.weight)
    assert_rate((start == -1).sum(), CELLS, 0.2)
    assert_rate((start == 1).sum(), CELLS, 0.05)
    stuck = np.asarray(traits.is_stuck)
    assert_rate(stuck.sum(), CELLS, 0.35)
    anywhere = start[stuck & (np.abs(start) < 1)]
    assert_distribution(anywhere, lambda x: np.clip((x + 0.3) / 0.6, 0, 1))
    after = written(LINEAR, p, cell, np.full(CELLS, 0.3), 5, traits)
    np.testing.assert_array_equal(np.asarray(read(after))[stuck], start[stuck])
    assert not np.asarray(after.writes)[stuck].any()
    assert np.asarray(after.writes)[~stuck].all()


def test_worn_cells_stay_where_they_are():
    p = params(endurance_cycles=3)
    cell = stored(p, np.zeros(4))
    for write_number in range(5):
        cell = written(IDEAL, p, cell, [0.1, 0.1, 0, 0.1], write_number)
    np.testing.assert_allclose(cell.weight, [0.3, 0.3, 0, 0.3], rtol=1e-6)
    np.testing.assert_array_equal(cell.writes, [3, 3, 0, 3])


def test_endurance_spreads_log_normally():
    p = params(endurance_cycles=1e6, endurance_spread=0.5)
    ratio = np.log(np.asarray(made(p, (CELLS,)).endurance) / 1e6)
    assert_mean(ratio, 0, 0.25, sees=0.05)
    assert_variance(ratio, 0.25)


def test_a_pair_is_the_difference_of_two_cells_with_their_own_traits():
    p = params(update_step=0.01, update_step_spread=0.1, weight_min=0, weight_max=2)
    traits = made(p, (2, CELLS))
    cell = stored(p, np.full(CELLS, -0.3), traits, is_pair=True)
    np.testing.assert_allclose(read(cell), -0.3, rtol=1e-6)
    after = written(LINEAR, p, cell, np.full(CELLS, 0.1), 0, traits)
    assert_mean((np.asarray(read(after)) + 0.3) / 0.1, 1, 0.01 / 2, sees=0.05)
    # One single-sided cell holds no negative weight; a pair of them does.
    assert np.asarray(after.weight).min() >= 0


def test_none_is_zero_strength():
    plain = params(update_step=0.01, **WINDOW)
    zero = plain.replace(
        law_numbers={"nonlinearity_up": number(0), "nonlinearity_down": number(0)},
        **{
            name: number(0)
            for name in (
                "cycle_noise", "cycle_noise_additive", "cycle_noise_absolute", "update_noise",
                "write_noise", "update_noise_common", "update_step_spread", "reference_spread",
                "update_asymmetry", "weight_min_spread", "stuck_fraction",
            )
        }
    )  # fmt: skip
    request = np.linspace(-0.05, 0.05, 11)
    traits = made(zero, (11,))
    one = written(LINEAR, plain, stored(plain, np.zeros(11)), request, 1)
    other = written(LINEAR, zero, stored(zero, np.zeros(11), traits), request, 1, traits)
    np.testing.assert_allclose(read(one), read(other), atol=1e-7)


def test_new_noise_leaves_old_draws_alone():
    one = params(update_step=0.01, update_noise=0.1)
    other = params(update_step=0.01, update_noise=0.1, write_noise=0.1, cycle_noise=0.0)
    request = np.full(9, 0.005)
    held = [written(LINEAR, p, stored(p, np.zeros(9)), request, 7, rounding="stochastic").weight
            for p in (one, other)]  # fmt: skip
    np.testing.assert_array_equal(*held)


def test_cells_are_independent_of_how_many_there_are():
    # vmap over chips is a loop over chips.
    p = params(update_step=0.01, cycle_noise=0.3, write_noise=0.1, **WINDOW)
    cell = stored(p, np.zeros(4))

    def chip(key):
        keys = [jax.random.fold_in(key, int(noise)) for noise in write_noises(p)]
        return read(write(LINEAR, "stochastic", p, cell, jnp.full(4, 0.033), *keys))

    chips = jax.random.split(jax.random.key(0), 3)
    alone = jax.jit(chip)
    np.testing.assert_allclose(jax.vmap(alone)(chips), [alone(key) for key in chips], rtol=1e-6)


def test_keys_are_asked_for_by_name():
    p = params(update_step=0.01, write_noise=0.1)
    with pytest.raises(ValueError, match="zip"):
        write(LINEAR, "nearest", p, stored(p, 0.0), number(0.1), *keys_for(range(5), 0))
    assert Traits() == Traits()
