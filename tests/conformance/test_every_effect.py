"""Every number of a memory cell: absent, at strength nothing, drawn for each cell, in training.

A number that is new in the model fails here until ``effects.py`` says what it does; that of a law
declares two values itself, which must differ.
"""

from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.cell_choices import CELL_CHOICES, NO_CHOICES
from neuromgd.cell_numbers import CELL_NUMBERS, LAW_NUMBERS
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window
from neuromgd.device import traits as cell_traits
from neuromgd.device.cell import read, store
from neuromgd.device.laws import LAWS
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.params import DeviceParams, cell_params
from neuromgd.device.read_noise import read_deviation
from neuromgd.device.retention import advance
from neuromgd.device.write import write, write_noises
from neuromgd.network.network import from_module
from neuromgd.network.params import NetworkParams
from neuromgd.randomness import root_key
from neuromgd.synapse.state import SynapseParams
from tests.chip.small import number, samples
from tests.conformance.effects import CHOSEN, EFFECTS, PAIRED, TECHNOLOGIES, Outcome, distance
from tests.statistics import assert_uncorrelated

WINDOWS, TAU = 24, Tau(1, 2, 4)


class OneArray(nn.Module):
    """Another array, of biases, would double what programs of every effect take to compile."""

    @nn.compact
    def __call__(self, x):
        return jnp.tanh(nn.Dense(3, use_bias=False)(x))


NETWORK = from_module(OneArray(), (5,))
START = np.linspace(-0.4, 0.4, 6)
REQUESTS = np.outer((1, 0.5, 1), [0.2, 0.1, 0.15, -0.1, -0.2, -0.15]).astype(np.float32)
ZEROES = [name for name, effect in EFFECTS.items() if effect.has_none]
RANDOM = [name for name, effect in EFFECTS.items() if effect.is_random]


def test_every_number_is_listed():
    assert CELL_NUMBERS.keys() == EFFECTS.keys()
    # Those of laws travel together, the others each by its own name.
    common = set(DeviceParams.__dataclass_fields__) - {"law_numbers", "lookup", "choices"}
    assert common == CELL_NUMBERS.keys() - LAW_NUMBERS.keys()
    for effect in EFFECTS.values():
        assert effect.beside.keys() <= TECHNOLOGIES[effect.technology].keys()


def cells_of(technology, choices=NO_CHOICES, **numbers):
    values = TECHNOLOGIES[technology] | numbers
    return cell_params(values, choices=choices)


def law_of(technology):
    return LAWS.get(technology, LAWS["linear"])


def in_turn(write_and_wait, cell):
    for event in range(len(REQUESTS)):
        cell, _ = write_and_wait(cell, event)
    return cell


def compiled_once(write_and_wait, cell):
    return jax.lax.scan(write_and_wait, cell, jnp.arange(len(REQUESTS)))[0]


def life(technology, p, key, repeated=in_turn):
    """Weights of six cells after three writes and some time, and the σ of reading them."""
    is_pair = technology in PAIRED
    shape = (2, 6) if is_pair else (6,)
    named = lambda streams, event: [
        jax.random.fold_in(jax.random.fold_in(key, event), int(name)) for name in streams
    ]
    traits = cell_traits.fabricate(p, shape, *named(cell_traits.TRAITS, 0))
    cell = store(p, number(START), traits, is_pair)

    def write_and_wait(cell, event):
        keys, request = named(write_noises(p), event + 1), jnp.asarray(REQUESTS)[event]
        cell = write(law_of(technology), "nearest", p, cell, request, *keys, traits=traits)
        return advance(p, traits, cell, number(0.01)), None

    cell = repeated(write_and_wait, cell)
    deviation = read_deviation(p, traits, cell)
    return read(cell), jnp.zeros(6) if deviation is None else deviation


@pytest.mark.parametrize("name", ZEROES)
def test_none_is_strength_zero(name):
    technology, beside = EFFECTS[name].technology, EFFECTS[name].beside
    zero = cells_of(technology, **beside)
    none = cells_of(technology, **beside, **{name: None})
    for one, other in zip(
        life(technology, zero, jax.random.key(3)), life(technology, none, jax.random.key(3)),
        strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


@cache
def lives(technology):
    one = lambda p, key: life(technology, p, key, compiled_once)[0]
    return jax.jit(jax.vmap(one, in_axes=(None, 0)))


@pytest.mark.parametrize("name", RANDOM)
def test_cells_draw_on_their_own(name):
    effect = EFFECTS[name]
    p = cells_of(effect.technology, **effect.beside, **{name: number(effect.much)})
    drawn = np.asarray(
        lives(effect.technology)(p, jax.vmap(partial(root_key, 5))(jnp.arange(4_000)))
    )
    # A cell that stayed away from its bound has nothing of the bound's spread.
    is_touched = drawn.std(0) > 1e-4
    assert is_touched.sum() >= 2
    assert_uncorrelated(drawn[:, is_touched])


@pytest.mark.slow
def test_a_common_draw_is_one():
    p = cells_of("linear", update_noise_common=0.05)
    drawn = np.asarray(lives("linear")(p, jax.random.split(jax.random.key(5), 100)))
    moved = drawn - drawn.mean(0)
    np.testing.assert_allclose(moved, moved[:, :1] * np.ones(6), atol=0.011)
    assert moved.std() > 0.03


@cache
def training(technology):
    """A compiled run that takes any strengths of the technology."""
    design = Design(NETWORK, law=law_of(technology), is_pair=technology in PAIRED)
    # The forward pass asks for the noise of each cell where there is some.
    scale = number(1) if "read_noise" in TECHNOLOGIES[technology] else None

    @jax.jit
    def run(p):
        params = ChipParams(
            synapse=SynapseParams(amplitude=number(1e-2), learning_rate=number(0.5)),
            device=p,
            network=NetworkParams(weight_scale=scale),
            seconds_per_timestep=number(1e-3),
        )
        chip = fabricate(Machine(design, params, TAU), root_key(5, 0))

        def one(chip, n):
            chip, record = window(Machine(design, params, TAU), chip, n, samples(4, seed=2))
            return chip, record.cost

        return jax.lax.scan(one, chip, jnp.arange(WINDOWS))

    return run


def trained(technology, **numbers):
    chip, cost = training(technology)(cells_of(technology, **numbers))
    row = lambda arrays: np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(arrays)])
    return Outcome(
        weight=row(weights(chip)),
        kept=row(over_arrays(lambda cell: cell.weight, chip.cells)),
        writes=row(over_arrays(lambda cell: cell.writes, chip.cells)),
        cost=np.asarray(cost),
    )


@pytest.mark.parametrize("name", EFFECTS)
def test_the_effect_is_seen_in_training(name):
    effect = EFFECTS[name]
    without = trained(effect.technology, **effect.beside)
    some = trained(effect.technology, **{**effect.beside, name: effect.much})
    assert np.isfinite(some.weight).all()
    assert effect.seen(without, some)
    again = trained(effect.technology, **{**effect.beside, name: effect.much})
    np.testing.assert_array_equal(again.weight, some.weight)


# Every choice is a program of its own.
SOME = [
    pytest.param(name, marks=() if name == "asymmetry_joining" else pytest.mark.slow)
    for name in CELL_CHOICES
]


@pytest.mark.slow
@pytest.mark.parametrize("name", SOME)
def test_a_choice_is_seen_in_training_and_only_where_cells_spread(name):
    spread, default = CHOSEN[name], CELL_CHOICES[name].default
    for word in CELL_CHOICES[name].words:
        one, alike = (
            trained("linear", choices=NO_CHOICES._replace(**{name: word}), **numbers)
            for numbers in (spread, {n: v for n, v in spread.items() if "spread" not in n})
        )
        assert (word == default) == (distance(one, trained("linear", **spread)) < 1e-6)
        unspread = {n: v for n, v in spread.items() if "spread" not in n}
        assert distance(alike, trained("linear", **unspread)) < 1e-5


def test_all_effects_at_nothing_are_the_plain_cell():
    # Another program sums in another order: a few grains of float32.
    np.testing.assert_allclose(
        trained("linear").weight, trained("log_normal").weight, rtol=0, atol=1e-5
    )
