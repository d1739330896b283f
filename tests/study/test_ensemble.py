"""Ensembles: the same numbers twice, chip by chip, chunk by chunk, and one compilation."""

from functools import cache

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest

from neuromgd.chip.chip import weights
from neuromgd.fleet import simulated as ensemble
from neuromgd.fleet.chips import make_chips
from neuromgd.fleet.shown import scale, training_set
from neuromgd.fleet.simulated import fabricate_all
from neuromgd.options.config import Config, NetworkConfig
from neuromgd.plan.plan import plan

CONFIG = Config(task="parity", chips=3, windows=40, network=NetworkConfig(hidden=()))


# One design, and so one compiled program, for all that run the same.
planned = cache(plan)


def run(config, chunk=40, first=0, chips=None):
    todo = planned(config)
    chips = make_chips(config, todo) if chips is None else chips
    for start in range(first, todo.windows, chunk):
        chips, record = ensemble.advance(
            todo.design, todo.tau, "window", chunk, todo.params, chips,
            jnp.int32(start), jnp.int32(todo.windows), training_set(todo), scale(todo),
        )  # fmt: skip
    return jax.tree.leaves(weights(chips)), record


@pytest.mark.slow
def test_the_same_seed_gives_the_same_numbers_twice():
    for a, b in zip(run(CONFIG)[0], run(CONFIG)[0], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_another_seed_gives_others():
    other = run(msgspec.structs.replace(CONFIG, seed=1))[0]
    assert any(not np.allclose(a, b) for a, b in zip(run(CONFIG)[0], other, strict=True))


@pytest.mark.slow
def test_chunks_change_nothing():
    # The second chunk of 25 runs over the end: what is past it must not happen.
    for a, b in zip(run(CONFIG)[0], run(CONFIG, chunk=25)[0], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_a_chip_is_the_same_alone_and_among_others():
    together = run(CONFIG)[0]
    alone = run(msgspec.structs.replace(CONFIG, chips=1))[0]
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_allclose(a[0], b[0], rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_values_never_compile_again():
    """One program for any values of noise, η and Δθ."""
    todo, costs, programs = planned(CONFIG), [], []
    for factor in (1.0, 0.5, 2.0):
        params = jax.tree.map(lambda leaf, factor=factor: leaf * jnp.float32(factor), todo.params)
        _, record = ensemble.advance(
            todo.design, todo.tau, "window", 40, params, make_chips(CONFIG, todo),
            jnp.int32(0), jnp.int32(2), training_set(todo), scale(todo),
        )  # fmt: skip
        costs.append(np.asarray(record.cost[:2]))
        programs.append(ensemble.advance._cache_size())
    assert programs[0] == programs[1] == programs[2]
    assert not np.allclose(costs[1][1], costs[2][1])


@pytest.mark.slow
def test_listening_hears_the_same_in_any_chunks_and_leaves_no_trace():
    one = make_chips(CONFIG, planned(CONFIG))
    shorter = msgspec.structs.replace(CONFIG, log_every=7)
    other = make_chips(shorter, planned(shorter))
    np.testing.assert_allclose(one.traits.delta_range, other.traits.delta_range, rtol=1e-6)
    assert np.all(np.asarray(one.traits.delta_range) > 0)
    new = fabricate_all(planned(CONFIG).design, planned(CONFIG).params, one.key)
    for heard, made in zip(jax.tree.leaves(one.cells), jax.tree.leaves(new.cells), strict=True):
        np.testing.assert_array_equal(heard, made)
