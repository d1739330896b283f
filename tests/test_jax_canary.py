"""The installed JAX multiplies and adds right where a release of it did not (jax-ml/jax#39103).

Version 0.10.2 returns wrong numbers on CPU for a compiled, vmapped matrix-vector product followed
by a reduction, past a length at which its threads share the work: that is many chips at once.
"""

import jax
import jax.numpy as jnp
import jaxlib
import numpy as np
import pytest

BROKEN = {"0.10.2", "0.11.1"}


def test_no_broken_release_is_installed():
    assert not {jax.__version__, jaxlib.__version__} & BROKEN


@pytest.mark.parametrize(("dtype", "rows"), [("float64", 16_385), ("float32", 32_769)])
def test_the_report_is_answered(dtype, rows):
    # All sums are exact: powers of two or integers far below the mantissa.
    with jax.enable_x64(True):
        i = jnp.arange(rows, dtype=dtype)
        x = jnp.stack((i, jnp.zeros_like(i), jnp.zeros_like(i)), axis=1)
        matrix = jnp.eye(3, dtype=dtype)
        squared = jax.vmap(lambda row: jnp.sum((matrix @ row) ** 2))
        computed = np.asarray(jax.jit(squared)(x))
    np.testing.assert_array_equal(computed, np.arange(rows, dtype=dtype) ** 2)


# (chips, rows, columns) of small integers, whose sums float32 holds exactly.
SHAPES = [(1, 3, 3), (7, 5, 64), (100, 10, 65), (4097, 3, 5), (32_769, 4, 4)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("own", ["weights of its own", "one matrix for all"])
def test_many_chips_at_once_equal_numpy(shape, own):
    chips, _, columns = shape
    generator = np.random.default_rng(chips)
    matrix = generator.integers(-8, 9, shape if own.startswith("weights") else shape[1:])
    x = generator.integers(-8, 9, (chips, columns))

    def costs(matrix, x):
        y = matrix @ x
        return jnp.sum(y), jnp.sum(y * y), jnp.max(y)

    axes = (0 if matrix.ndim == 3 else None, 0)
    computed = jax.jit(jax.vmap(costs, axes))(jnp.float32(matrix), jnp.float32(x))
    y = np.einsum("...rc,...c->...r", np.broadcast_to(matrix, shape), x)
    for mine, expected in zip(computed, (y.sum(1), (y * y).sum(1), y.max(1)), strict=True):
        np.testing.assert_array_equal(mine, expected)
