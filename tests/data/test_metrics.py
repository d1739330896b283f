"""The metrics: every registered one keeps the interface, and each has its closed form."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, r2_score, root_mean_squared_error

from neuromgd.data.metrics import METRICS

SAMPLES, OUTPUTS = 40, 3

every_metric = pytest.mark.parametrize("name", METRICS)


def value(name, outputs, targets):
    """What a chip with these outputs is told to have reached."""
    metric = METRICS[name]
    each = jax.vmap(metric.of_sample)(jnp.asarray(outputs), jnp.asarray(targets))
    assert each.shape == (len(targets),)
    assert each.dtype == jnp.float32
    return float(metric.reduced(jnp.mean(each), jnp.asarray(targets)))


def drawn(name, seed=0):
    generator = np.random.default_rng(seed)
    outputs = generator.normal(size=(SAMPLES, OUTPUTS)).astype(np.float32)
    if METRICS[name].targets == "classes":
        return outputs, generator.integers(0, OUTPUTS, SAMPLES, np.int32)
    return outputs, generator.normal(size=(SAMPLES, OUTPUTS)).astype(np.float32)


def perfect(name, targets):
    if METRICS[name].targets == "classes":
        return np.eye(OUTPUTS, dtype=np.float32)[targets]
    return targets


@every_metric
def test_a_metric_has_its_registered_name_and_is_hashable(name):
    metric = METRICS[name]
    assert metric.name == name
    assert hash(metric) == hash(METRICS[name])
    assert metric.label.startswith(f"test {metric.title}")


@every_metric
def test_no_answer_is_better_than_the_right_one(name):
    metric = METRICS[name]
    outputs, targets = drawn(name)
    top, some = value(name, perfect(name, targets), targets), value(name, outputs, targets)
    assert metric.best([some, top]) == top != some
    assert metric.is_beyond(np.asarray([top, some]), some).tolist() == [True, False]


@every_metric
def test_chance_is_what_the_best_constant_answer_reaches(name):
    metric = METRICS[name]
    _, targets = drawn(name)
    constants = (
        np.eye(OUTPUTS, dtype=np.float32)
        if metric.targets == "classes"
        else np.stack([targets.mean(0), targets.mean(0) + 0.1])
    )
    reached = [value(name, np.tile(answer, (SAMPLES, 1)), targets) for answer in constants]
    assert metric.best(reached) == pytest.approx(metric.chance(targets), abs=1e-6)


@every_metric
def test_a_value_is_told_in_the_unit_of_the_axis(name):
    metric = METRICS[name]._replace(unit="mV")
    assert metric.label.endswith(" [mV]")
    assert metric.tell(0.5).endswith(" mV")
    assert float(metric.tell(0.5).split()[0]) == pytest.approx(0.5 * metric.factor)
    bare = metric._replace(unit="")
    assert "[" not in bare.label
    assert float(bare.tell(0.5)) == pytest.approx(0.5 * metric.factor)


PUBLISHED = {
    "accuracy": lambda outputs, targets: accuracy_score(targets, outputs.argmax(1)),
    # Over samples and outputs alike: of one column, all of them together.
    "rms_error": lambda outputs, targets: root_mean_squared_error(
        targets.reshape(-1, 1), outputs.reshape(-1, 1)
    ),
    "r2": lambda outputs, targets: r2_score(targets, outputs, multioutput="variance_weighted"),
}


@pytest.mark.parametrize("name", PUBLISHED)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_metric_is_that_of_scikit_learn(name, seed):
    outputs, targets = drawn(name, seed)
    expected = PUBLISHED[name](outputs.astype(float), targets)
    assert value(name, outputs, targets) == pytest.approx(expected, rel=2e-5, abs=2e-6)


def test_a_single_output_is_held_against_a_half():
    outputs = np.float32([[0.4], [0.6], [0.4], [0.6]])
    assert value("accuracy", outputs, np.int32([0, 1, 1, 0])) == 0.5
    assert value("accuracy", outputs, np.int32([0, 1, 0, 1])) == 1


def test_a_sequence_counts_every_position():
    outputs = np.eye(OUTPUTS, dtype=np.float32)[np.int32([[0, 1, 2, 0], [1, 1, 1, 1]])]
    assert value("accuracy", outputs, np.int32([[0, 1, 2, 1], [1, 1, 0, 0]])) == 0.625
    assert value("accuracy", outputs, np.int32([[0, 1, 2, 0], [1, 1, 1, 1]])) == 1


def test_values_are_compared_whatever_their_shape():
    outputs = np.arange(12, dtype=np.float32).reshape(2, 6)
    assert value("rms_error", outputs, outputs.reshape(2, 3, 2) + 2) == 2
    assert value("rms_error", np.float32([[1], [3]]), np.float32([2, 2])) == 1


def test_targets_without_variance_leave_nothing_to_explain():
    flat = np.ones((4, 1), np.float32)
    assert value("r2", flat + 1, flat) == 0
