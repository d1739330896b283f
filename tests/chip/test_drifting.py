"""A world that drifts: how far, which way, and that chips which go on learning follow it."""

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.drifting import disturbed
from neuromgd.chip.machine import Machine
from neuromgd.data.dataset import Dataset
from neuromgd.data.drifting import Drifting, drifted, gone
from neuromgd.data.sample import Sample
from neuromgd.device.params import DeviceParams
from neuromgd.errors import InputError
from neuromgd.network.mlp import MLP
from neuromgd.network.network import from_module
from neuromgd.options.config import Config, LearningConfig
from neuromgd.options.read import checked
from neuromgd.options.tracking import TrackingConfig
from neuromgd.plan.instrument import driven
from neuromgd.plan.plan import Parts, plan
from neuromgd.randomness import root_key
from neuromgd.study.gradient import gradient
from neuromgd.study.train import train
from tests.chip.small import IDEAL, number
from tests.fleet.bench import Bench
from tests.statistics import assert_mean, assert_uncorrelated

WIDE = from_module(MLP((50,)), (40,))
CELLS = DeviceParams(write_noise=number(0.1), weight_min=number(-0.5), weight_max=number(0.5))


def drifting(shape, period=8, **sizes):
    return Drifting(shape=shape, period=number(period), **{n: number(v) for n, v in sizes.items()})


def of(drifting, windows):
    return [float(gone(drifting, jnp.int32(window))) for window in windows]


def test_how_far_it_has_gone():
    assert of(drifting("linear"), (0, 4, 8, 20)) == [0, 0.5, 1, 2.5]
    assert of(drifting("step"), (0, 7, 8, 15, 16)) == [0, 0, 1, 1, 2]
    np.testing.assert_allclose(
        of(drifting("sinus"), (0, 2, 4, 6, 800)), [0, 1, 0, -1, 0], atol=1e-6
    )


def walked(shape, windows, params=IDEAL, is_pair=False, **sizes):
    """Changes of the weights of a chip after each window, {name: (windows, …)}; and the chip."""
    params = params.replace(drifting=drifting(shape, **sizes))
    machine = Machine(Design(WIDE, is_pair=is_pair), params, Tau(1, 1, 1))
    first = fabricate(machine, root_key(3, 0))

    def one(chip, window):
        chip = disturbed(machine, chip, window)
        return chip, weights(chip)

    last, seen = jax.lax.scan(one, first, jnp.arange(windows))
    return jax.tree.map(
        lambda all, one: np.asarray(all) - np.asarray(one), seen, weights(first)
    ), last


def test_a_line_is_straight_and_every_weight_has_its_own():
    moved, _ = walked("linear", 9, weights=0.3, biases=0.1)
    kernel, bias = moved["Dense_0"]["kernel"], moved["Dense_0"]["bias"]
    np.testing.assert_allclose(kernel[4], kernel[8] / 2, atol=1e-5)
    np.testing.assert_array_equal(kernel[0], 0)
    assert_mean((kernel[8].reshape(-1, 1) / 0.3) ** 2, np.ones(1), np.full(1, 2.0), sees=0.2)
    assert_mean(kernel[8].reshape(-1, 1) / 0.3, np.zeros(1), np.ones(1), sees=0.2)
    assert 0.05 < np.std(bias[8]) < 0.16
    assert_uncorrelated(kernel[8] / 0.3)


def test_a_sine_comes_back_and_a_step_has_a_way_of_its_own():
    kernel = walked("sinus", 9, weights=0.3)[0]["Dense_0"]["kernel"]
    np.testing.assert_allclose(kernel[8], 0, atol=1e-5)
    np.testing.assert_allclose(kernel[2], -kernel[6], atol=1e-5)
    moved = walked("step", 17, biases=0.3)[0]["Dense_0"]
    np.testing.assert_array_equal(moved["kernel"], 0)
    bias = moved["bias"]
    np.testing.assert_array_equal(bias[:8], 0)
    np.testing.assert_array_equal(bias[8:16], np.broadcast_to(bias[8], (8, 50)))
    first, second = bias[8], bias[16] - bias[8]
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.7
    assert np.abs(second).min() > 0


@pytest.mark.parametrize("is_pair", [False, True])
def test_cells_drift_within_their_window_and_the_network_sees_it(is_pair):
    moved, chip = walked(
        "linear", 9, IDEAL.replace(device=CELLS), is_pair, weights=1.0
    )  # fmt: skip
    cell = chip.cells["Dense_0"]["kernel"]
    assert np.abs(cell.weight).max() <= 0.5
    assert np.abs(moved["Dense_0"]["kernel"][8]).max() > 0.4


def test_inputs_turn_in_pairs_about_their_middle_and_labels_move_on():
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(6, 5)).astype(np.float32), np.arange(6, dtype=np.int32) % 3
    middle = jnp.asarray([1.0, 2, 3, 4, 5])
    world = Drifting(
        shape="linear", period=number(8), angle=number(90), middle=middle, labels=jnp.int32(1),
        classes=jnp.int32(3),
    )  # fmt: skip
    shown = Sample(jnp.asarray(x), jnp.asarray(y))
    at = lambda window: drifted(world, shown, number(2), jnp.int32(window))
    np.testing.assert_allclose(at(0).x, 2 * x, atol=1e-6)
    quarter, half = np.asarray(at(8).x), np.asarray(at(16).x)
    off = 2 * x - np.asarray(middle)
    turned = np.stack([-off[:, 1], off[:, 0], -off[:, 3], off[:, 2], off[:, 4]], axis=1)
    np.testing.assert_allclose(quarter, np.asarray(middle) + turned, atol=1e-5)
    np.testing.assert_allclose(half[:, :4], (np.asarray(middle) - off)[:, :4], atol=1e-5)
    np.testing.assert_array_equal([at(w).y for w in (7, 8, 25)], [y, (y + 1) % 3, y])


def halves():
    """Points of the plane on two sides of a line."""
    draw = np.random.RandomState(0)
    x = draw.uniform(-1, 1, size=(900, 2)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.int32)
    return Dataset("halves", x[:600], y[:600], x[600:], y[600:], 1.0, classes=2, outputs=2)


ROUND = Config(
    task="circles", ideal=True, chips=3, batch=16, windows=1600, log_every=20,
    tracking=TrackingConfig(period=800, angle=180.0, biases=0.2),
    learning=LearningConfig(schedule="constant", rate=0.1),
)  # fmt: skip
PARTS = Parts(data=halves(), network=MLP((2,)))


@pytest.mark.slow
def test_a_chip_that_goes_on_learning_follows_a_turning_boundary(tmp_path):
    """One that stops is wrong where the boundary has come half round."""
    told = {}
    for name, rate in (("goes_on", 0.1), ("stopped", 1e-9)):
        learning = LearningConfig(schedule="constant", rate=rate)
        one = msgspec.structs.replace(ROUND, learning=learning, out=str(tmp_path / name))
        told[name] = train(one, parts=PARTS).summary
    assert told["goes_on"]["accuracy_over_time"] > 0.93
    assert told["goes_on"]["accuracy_worst"] > 0.85
    assert told["stopped"]["accuracy_worst"] < 0.5


def with_tracking(**options):
    return msgspec.structs.replace(ROUND, tracking=TrackingConfig(**options))


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (with_tracking(weights=0.1), "tracking.weights.*without tracking.period"),
        (with_tracking(period=5), "tracking.period.*without tracking.weights or"),
        (with_tracking(period=5, angle=9.0, shape="sinus"), None),
        (
            msgspec.structs.replace(with_tracking(period=5, angle=9.0), task="adding"),
            "turns pairs of a row of inputs",
        ),
        (
            msgspec.structs.replace(with_tracking(period=5, labels=1), task="friedman1"),
            "the targets of friedman1 are no classes",
        ),
    ],
)
def test_what_cannot_drift_is_refused(config, line):
    if line is None:
        assert plan(checked(config)).params.drifting.shape == "sinus"
        return
    with pytest.raises(InputError, match=line):
        plan(checked(config))


def test_neither_an_instrument_nor_followed_estimates_drift():
    config = with_tracking(period=5, labels=1)
    bench = Bench()
    one = msgspec.structs.replace(config, chips=1)
    with pytest.raises(InputError, match=r"tracking\.period.*engine = instrument"):
        plan(driven(one, bench), Parts(instrument=bench))
    with pytest.raises(InputError, match="all stands still"):
        gradient(config)


def test_biases_are_known_by_their_name():
    network = from_module(MLP((2,)), (2,))._replace(
        initialise=lambda key: {"w": jnp.zeros((2, 2))}, apply=lambda theta, x: x @ theta["w"]
    )
    with pytest.raises(InputError, match="no weights of the network are named bias"):
        plan(ROUND, PARTS._replace(network=network))
