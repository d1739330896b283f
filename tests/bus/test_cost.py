"""The cost functions: never negative, zero where the output is what was wanted."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from neuromgd.bus.costs import COSTS
from neuromgd.bus.costs.cross_entropy import cross_entropy
from neuromgd.bus.costs.mse import mean_squared_error

OUTPUTS = arrays.arrays(np.float32, 5, elements=st.floats(-50, 50, width=32))
CLASSES = st.integers(0, 4)
COMPILED = {name: jax.jit(cost) for name, cost in COSTS.items()}

every_cost = pytest.mark.parametrize("name", COSTS)


@every_cost
@given(output=OUTPUTS, target=CLASSES)
def test_a_cost_is_a_scalar_that_is_never_negative(name, output, target):
    cost = COMPILED[name](jnp.asarray(output), jnp.int32(target))
    assert cost.shape == ()
    assert cost.dtype == jnp.float32
    assert cost >= 0


@every_cost
@given(output=OUTPUTS, target=CLASSES)
def test_a_class_is_the_vector_that_is_one_there(name, output, target):
    one_hot = jnp.asarray(np.eye(5, dtype=np.float32)[target])
    assert COMPILED[name](jnp.asarray(output), jnp.int32(target)) == COMPILED[name](
        jnp.asarray(output), one_hot
    )


@every_cost
@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_classes_of_any_integer_type(name, dtype):
    output = jnp.float32([0.1, 0.7, 0.2])
    expected = COSTS[name](output, jnp.float32([0, 1, 0]))
    assert COSTS[name](output, jnp.asarray(1, dtype)) == pytest.approx(float(expected))


@given(output=OUTPUTS, target=CLASSES)
def test_cross_entropy_is_minus_the_log_of_the_probability(output, target):
    logits = output.astype(float)
    largest = logits.max()
    expected = largest + np.log(np.exp(logits - largest).sum()) - logits[target]
    cost = COMPILED["cross_entropy"](jnp.asarray(output), jnp.int32(target))
    assert float(cost) == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_cross_entropy_vanishes_where_the_class_is_certain():
    assert cross_entropy(jnp.float32([0, 200, 0]), jnp.int32(1)) == 0
    np.testing.assert_allclose(cross_entropy(jnp.zeros(10), jnp.int32(3)), np.log(10), rtol=1e-6)


@given(output=OUTPUTS, target=OUTPUTS)
def test_mean_squared_error_is_its_formula(output, target):
    cost = COMPILED["mse"](jnp.asarray(output), jnp.asarray(target))
    expected = ((output.astype(float) - target) ** 2).mean()
    assert float(cost) == pytest.approx(expected, rel=1e-5)


@given(output=OUTPUTS)
def test_mean_squared_error_is_zero_at_the_target_alone(output):
    assert COMPILED["mse"](jnp.asarray(output), jnp.asarray(output)) == 0
    assert COMPILED["mse"](jnp.asarray(output), jnp.asarray(output + 1)) > 0


@pytest.mark.parametrize("target", [0, 1])
def test_a_single_output_tells_two_classes_by_its_value(target):
    for value in (0.0, 0.25, 1.0):
        cost = mean_squared_error(jnp.float32([value]), jnp.int32(target))
        assert cost == (value - target) ** 2
        assert cost == mean_squared_error(jnp.float32([value]), jnp.float32(target))


@every_cost
def test_many_samples_at_once(name):
    outputs = jnp.float32([[0.5, 0.2], [0.1, 0.9]])
    targets = jnp.int32([0, 1])
    each = [COSTS[name](o, t) for o, t in zip(outputs, targets, strict=True)]
    np.testing.assert_allclose(jax.vmap(COSTS[name])(outputs, targets), each, rtol=1e-6)
