"""Every registered code conforms, and codes that are wrong are refused."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.synapse.codes import CODES
from neuromgd.synapse.codes.code import Code
from tests.conformance.codes import (
    ARRAYS,
    KEY,
    REQUIREMENTS,
    SYNAPSES,
    assert_equal_power,
    assert_length_told,
    assert_size_told,
    assert_told_apart,
    assert_unbiased,
    flat,
    patterns,
)

RADEMACHER = CODES["rademacher"]


@cache
def drawn(name):
    """One pattern alone, as a function of its slot."""
    return jax.jit(lambda slot: CODES[name].draw(KEY, ARRAYS, slot))


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_every_code_conforms(name, requirement):
    requirement(CODES[name])


@pytest.mark.parametrize("name", CODES)
def test_a_pattern_has_the_shape_of_the_arrays(name):
    pattern = drawn(name)(jnp.int32(0))
    assert jax.tree.map(lambda a: (a.shape, a.dtype), pattern) == jax.tree.map(
        lambda a: (a.shape, jnp.dtype("float32")), ARRAYS
    )


@pytest.mark.parametrize("name", CODES)
def test_any_pattern_can_be_replayed_from_its_slot(name):
    every = patterns(CODES[name])
    for slot in (0, 3, 8):
        alone = drawn(name)(jnp.int32(slot))
        np.testing.assert_array_equal(flat(jax.tree.map(lambda a: a[None], alone))[0], every[slot])
    np.testing.assert_array_equal(patterns(CODES[name], first=4)[:4], every[4:8])


def changed(change, period=None, **told):
    """A code made of random signs by a change of their pattern."""
    return Code(
        lambda key, arrays, slot: change(RADEMACHER.draw(key, arrays, slot), slot),
        lambda synapses: period,
        **told,
    )


def alike(pattern, slot):
    """All synapses are kicked as the first one is."""
    sign = pattern["bias"][0]
    return jax.tree.map(lambda a: jnp.full_like(a, sign), pattern)


def paired(pattern, slot):
    """Two of the synapses always go together."""
    return pattern | {"bias": pattern["bias"].at[1].set(pattern["bias"][0])}


def weak(pattern, slot):
    """One array is kicked by a tenth less than the other."""
    return pattern | {"bias": 0.9 * pattern["bias"]}


def alternating(pattern, slot):
    """Every synapse has a period of its own, but the first two have the same."""
    places = jnp.arange(SYNAPSES) // 2 + 1
    signs = jnp.where((slot // places) % 2 == 0, 1.0, -1.0).astype(jnp.float32)
    return {"kernel": signs[:35].reshape(5, 7), "bias": signs[35:]}


def test_a_code_that_tells_a_wrong_length_is_refused():
    alone = lambda pattern, slot: pattern
    short = changed(alone, excess=lambda synapses, per_slot: (synapses - 4) * per_slot)
    with pytest.raises(AssertionError):
        assert_length_told(short)
    for told in ({"largest": lambda synapses: 1.1}, {"kicked": lambda synapses: synapses - 8}):
        with pytest.raises(AssertionError):
            assert_size_told(changed(alone, **told))


@pytest.mark.parametrize(
    ("change", "period", "requirements"),
    [
        (alike, None, (assert_told_apart, assert_unbiased)),
        (paired, None, (assert_told_apart, assert_unbiased)),
        (weak, None, (assert_equal_power,)),
        (alternating, 64, (assert_told_apart, assert_unbiased)),
    ],
)
def test_a_wrong_code_is_refused(change, period, requirements):
    for requirement in requirements:
        with pytest.raises(AssertionError):
            requirement(changed(change, period))
