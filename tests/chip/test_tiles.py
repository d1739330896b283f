"""Dense passes in tiles give what whole kicked arrays give: the same signs, another order of sums.

On a CPU the kernel is interpreted, step by step; that Triton takes it is told by lowering it.
"""

import re
from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.bus.references import REFERENCES
from neuromgd.chip.chip import fabricate
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.kicked_dense import SignKick, added, dense
from neuromgd.chip.machine import Machine
from neuromgd.chip.tiles import is_tiled
from neuromgd.chip.window import window
from neuromgd.network.mlp import MLP
from neuromgd.network.network import from_module
from neuromgd.network.scale import scaled
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from tests.chip.small import IDEAL, NOISY, number, samples

# Tiles are 128 × 64 outputs, 32 rows at a time: below, at and beyond each.
SHAPES = [(1, 1, 1), (7, 33, 5), (128, 32, 64), (129, 65, 70), (3, 100, 130)]
NETWORK = scaled(from_module(MLP((40, 3), activation="tanh"), (5,)), 3.0)


def draw(seed, *shape):
    return jax.random.normal(jax.random.key(seed), shape, jnp.float32)


def kick(rows, columns, has_gain):
    gain = 1 + 0.1 * draw(3, rows, columns) if has_gain else None
    return SignKick(root_key(5, 1), number(0.1), gain)


@pytest.mark.slow
@pytest.mark.parametrize("has_gain", [False, True])
@pytest.mark.parametrize(("count", "rows", "columns"), SHAPES)
def test_tiles_equal_whole_arrays_to_the_order_of_sums(count, rows, columns, has_gain):
    x, theta = draw(1, count, rows), draw(2, rows, columns)
    own = kick(rows, columns, has_gain)
    for applied in (None, own):
        whole, tiles = (dense(x, theta, applied, how) for how in ("plain", "interpret"))
        # A sum of as many products, rounded in another order.
        np.testing.assert_allclose(tiles, whole, rtol=1e-5, atol=1e-6 * rows)


@pytest.mark.parametrize("has_gain", [False, True])
@pytest.mark.parametrize(("rows", "columns"), [(33, 5), (64, 64), (70, 65)])
def test_tiles_draw_the_very_same_kick(rows, columns, has_gain):
    own, nothing = kick(rows, columns, has_gain), jnp.zeros((rows, columns), jnp.float32)
    # One row is driven at a time: no sum rounds.
    shown = dense(jnp.eye(rows, dtype=jnp.float32), nothing, own, "interpret")
    np.testing.assert_array_equal(shown, added(own, (rows, columns)))


@pytest.mark.slow
def test_chips_side_by_side_equal_chips_alone():
    x, theta, seeds = draw(1, 3, 9, 40), draw(2, 3, 40, 33), jnp.arange(3)

    def one(x, theta, seed):
        return dense(x, theta, SignKick(root_key(0, seed), number(0.1)), "interpret")

    together = jax.vmap(one)(x, theta, seeds)
    alone = jnp.stack([one(*own) for own in zip(x, theta, seeds, strict=True)])
    np.testing.assert_allclose(together, alone, rtol=1e-6, atol=1e-5)


@pytest.mark.skipif(
    jax.__version_info__ >= (0, 11) and jax.default_backend() != "gpu",
    reason="JAX lowers for a GPU only where there is one",
)
@pytest.mark.filterwarnings("ignore:The Pallas Triton backend is deprecated")
@pytest.mark.parametrize("has_gain", [False, True])
def test_triton_takes_the_kernel(has_gain):
    shapes = jnp.zeros((130, 784)), jnp.zeros((784, 130)), kick(784, 130, has_gain)
    traced = jax.jit(partial(dense, kernel="pallas")).trace(*shapes)
    program = traced.lower(lowering_platforms=("cuda",)).as_text()
    assert "triton" in program
    # The product is inside, and no array of weights is computed before it.
    assert "stablehlo.dot_general" not in program
    assert not re.search(r"stablehlo\.(add|multiply).*tensor<784x130xf32>$", program, re.MULTILINE)


ONE = Tau(1, 1, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("params", "reference"),
    [
        pytest.param(IDEAL, "two_pass", id="ideal-two_pass"),
        pytest.param(IDEAL, "central", id="ideal-central"),
        pytest.param(NOISY, "two_pass", id="noisy-two_pass"),
        pytest.param(NOISY, "central", id="noisy-central", marks=pytest.mark.slow),
    ],
)
def test_a_window_in_tiles_equals_one_of_whole_arrays(params, reference):
    plain = Design(NETWORK, reference=REFERENCES[reference])
    tau, shown = Tau(1, 2, 4), samples(4, seed=0)
    chip = fabricate(Machine(plain, params, tau), root_key(1, 0))
    results = []
    for design in (plain, replace(plain, kernel="interpret")):
        assert is_tiled(Machine(design, params, tau), chip) == (design is not plain)
        results.append(jax.jit(window)(Machine(design, params, tau), chip, jnp.int32(0), shown))
    for whole, tiles in zip(*map(jax.tree.leaves, results), strict=True):
        if jnp.issubdtype(whole.dtype, jax.dtypes.prng_key):
            continue
        np.testing.assert_allclose(tiles, whole, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"code": CODES["product"]},
        {"perturbation_element": "cell"},
        {"cost_difference": "exact"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_tiles_cannot_draw_runs_on_whole_arrays(change):
    design = Design(NETWORK, kernel="interpret")
    chip = fabricate(Machine(design, IDEAL, ONE), root_key(1, 0))
    assert is_tiled(Machine(design, IDEAL, ONE), chip)
    assert not is_tiled(Machine(replace(design, **change), IDEAL, ONE), chip)
    other = fabricate(Machine(design, IDEAL, ONE), root_key(1, 0, "threefry"))
    assert not is_tiled(Machine(design, IDEAL, ONE), other)
