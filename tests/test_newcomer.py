"""What a newcomer tries first works from public names alone."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import linen as nn

import neuromgd as nm

SMALL = {"task": "parity", "windows": 40, "log_every": 10, "chips": 2}


def test_cost_noise_is_set_from_python(tmp_path):
    loud = nm.BusConfig(cost_noise=0.05)
    run = nm.train(nm.Config(ideal=True, bus=loud, out=str(tmp_path / "loud"), **SMALL))
    assert float(run.plan.params.bus.cost_noise) == np.float32(0.05)
    quiet = nm.train(nm.Config(ideal=True, out=str(tmp_path / "quiet"), **SMALL))
    assert quiet.plan.params.bus.cost_noise is None
    # Two readings, averaged over four samples, swamp the signal of a quiet bus.
    assert run.summary["delta_cost"] > 3 * quiet.summary["delta_cost"]


@pytest.mark.slow
def test_a_hundred_steps_in_a_loop_can_be_plotted():
    network = nm.from_module(nm.MLP((4, 2), activation="tanh"), (3,))
    params = nm.ChipParams(
        synapse=nm.SynapseParams(amplitude=jnp.float32(1e-2), learning_rate=jnp.float32(0.3))
    )
    machine = nm.Machine(nm.Design(network), params, nm.Tau(1, 1, 1))
    chip, step = nm.fabricate(machine, nm.root_key(0, 0)), jax.jit(nm.step)
    sample = nm.Sample(jnp.ones((1, 3), jnp.float32), jnp.zeros(1, jnp.int32))
    costs = []
    for n in range(100):
        chip, seen = step(machine, chip, jnp.int32(n), sample)
        costs.append(float(seen.cost))
    assert np.mean(costs[-10:]) < 0.5 * costs[0]
    assert {len(np.shape(cost)) for cost in costs} == {0}


class Own(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(3)(nn.tanh(nn.Dense(5)(x)))


@pytest.fixture
def own_data():
    draw = np.random.default_rng(0)
    x = draw.normal(size=(60, 4)).astype(np.float32)
    y = np.argmax(x[:, :3], axis=1).astype(np.int32)
    return nm.Dataset("own", x[:40], y[:40], x[40:], y[40:], scale=1.0, classes=3, outputs=3)


@pytest.mark.slow
@pytest.mark.parametrize("rule", [optax.adam(1e-2), optax.adam], ids=["transformation", "of rate"])
def test_an_own_network_on_own_arrays_with_an_own_rule(rule, own_data, tmp_path):
    config = nm.Config(
        ideal=True, chips=2, windows=150, batch=20, out=str(tmp_path),
        learning=nm.LearningConfig(rate=None if isinstance(rule, tuple) else 1e-2),
    )  # fmt: skip
    # Optax raises a Python number to an integer power, which the strict switch refuses.
    with jax.numpy_dtype_promotion("standard"):
        run = nm.train(config, parts=nm.Parts(network=Own(), data=own_data, rule=rule))
    assert run.history[-1].cost < 0.8 * run.history[0].cost
    assert nm.draw(run)


def test_a_transformation_that_has_its_own_rate_takes_no_other(own_data, tmp_path):
    config = nm.Config(windows=2, out=str(tmp_path), learning=nm.LearningConfig(rate=0.1))
    with pytest.raises(nm.InputError, match="a rate of its own"):
        nm.train(config, parts=nm.Parts(network=Own(), data=own_data, rule=optax.sgd(0.1)))


def test_a_finished_run_is_opened_and_predicts(tmp_path):
    done = nm.train(nm.Config(out=str(tmp_path), **SMALL))
    run = nm.open_run(tmp_path)
    assert run.summary == done.summary
    assert run.history == done.history
    data = run.plan.data
    outputs = run.predict(data.test_x)
    assert outputs.shape == (2, 4, 1)
    np.testing.assert_array_equal(outputs, done.predict(data.test_x))
    scores = run.evaluate(data.test_x, data.test_y)
    np.testing.assert_allclose(scores, run.summary["accuracy_per_chip"])
    with pytest.raises(nm.InputError, match=r"shape \(3,\), the chips take \(2,\)"):
        run.predict(np.zeros((5, 3)))


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(nm.InputError, match=r"config\.toml"):
        nm.open_run(tmp_path)


@pytest.mark.slow
def test_a_sweep_takes_python_values(tmp_path):
    config = nm.Config(out=str(tmp_path), **SMALL | {"windows": 4})
    done = nm.sweep(config, {"device.write_noise": [0, 0.5], "bus.cost_noise": (1e-3,)})
    assert [point["device.write_noise"] for point in done.points] == [0.0, 0.5]
    assert {point["bus.cost_noise"] for point in done.points} == {1e-3}


def test_what_is_brought_without_effect_is_refused():
    law = nm.LAWS["linear"]
    with pytest.raises(nm.InputError, match="a law moves cells by pulses"):
        nm.prepare(nm.Config(task="parity", ideal=True), nm.Parts(law=law))
    assert nm.prepare(nm.Config(task="parity"), nm.Parts(law=law)).design.law is law
    for part in (nm.Parts(code=nm.CODES["walsh"]), nm.Parts(mode=nm.MODES["weight"])):
        with pytest.raises(nm.InputError, match="not of backpropagation"):
            nm.prepare(nm.Config(task="parity", baseline="backprop"), part)
