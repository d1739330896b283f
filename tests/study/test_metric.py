"""A run measures what its task measures: history, summary, sweep and figures speak of that."""

import json

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from flax import linen as nn

from neuromgd.chip.chip import weights
from neuromgd.cli.main import main
from neuromgd.cli.train import resumed
from neuromgd.data.dataset import Dataset
from neuromgd.data.metrics import METRICS
from neuromgd.errors import InputError, OtherLengthWarning
from neuromgd.options.config import Config, NetworkConfig
from neuromgd.options.read import base
from neuromgd.plan.plan import NO_PARTS, Parts, plan
from neuromgd.study.sweep import sweep
from neuromgd.study.train import train
from neuromgd.verdict.row import Row
from neuromgd.verdict.summary import solved

VALUES = msgspec.structs.replace(base(True), task="friedman1", chips=2, windows=40, log_every=20)
SMALL = NetworkConfig(hidden=(4,))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = str(tmp_path_factory.mktemp("values") / "run")
    return train(msgspec.structs.replace(VALUES, out=out))


def test_a_run_of_values_tells_their_error_and_no_accuracy(run):
    summary = json.loads((run.folder / "summary.json").read_text())
    assert summary["metric"] == "rms_error"
    assert summary["rms_error"] == pytest.approx(np.mean(summary["rms_error_per_chip"]))
    assert summary["rms_error_std"] == pytest.approx(np.std(summary["rms_error_per_chip"], ddof=1))
    assert summary["rms_error_best"] == min(row.score for row in run.history)
    assert summary["rms_error_chance"] == pytest.approx(run.plan.data.test_y.std())
    assert not [key for key in summary if "accuracy" in key]
    columns = pq.read_table(run.folder / "history.parquet").to_pydict()
    assert columns["rms_error_per_chip"][-1] == summary["rms_error_per_chip"]
    assert list(columns) == [name.replace("score", "rms_error") for name in Row._fields]


def test_the_error_is_that_of_the_outputs(run):
    data, network = run.plan.data, run.plan.design.network
    outputs = jax.vmap(lambda chip: network.apply(weights(chip), jnp.asarray(data.test_x)))
    errors = np.asarray(outputs(run.chips), float)[..., 0] - data.test_y
    expected = np.sqrt((errors**2).mean(axis=1))
    np.testing.assert_allclose(run.summary["rms_error_per_chip"], expected, rtol=1e-5)


@pytest.mark.slow
def test_a_resumed_run_goes_on_with_its_metric(run):
    with pytest.warns(OtherLengthWarning):
        more = train(resumed(run.folder, Config(windows=60)), is_resumed=True)
    assert [row.window for row in more.history] == [20, 40, 60]
    assert more.history[:2] == run.history
    columns = pq.read_table(run.folder / "history.parquet").to_pydict()
    assert columns["rms_error"] == [row.score for row in more.history]
    other = msgspec.structs.replace(resumed(run.folder, Config(windows=80)), metric="r2")
    with pytest.raises(InputError, match="metric was None, is 'r2'"):
        train(other, is_resumed=True)


@pytest.mark.slow
def test_a_sweep_of_values_has_a_column_of_their_error(run, tmp_path):
    config = msgspec.structs.replace(VALUES, out=str(tmp_path / "run"))
    done = sweep(config, ["bus.cost_noise=0,1e-3"])
    assert done.metric.name == "rms_error"
    assert pq.read_table(done.folder / "sweep.parquet").to_pylist() == done.table
    for point in done.points:
        assert list(point)[:3] == ["bus.cost_noise", "rms_error", "rms_error_std"]
    summary = json.loads((done.folder / "summary.json").read_text())
    assert (summary["metric"], summary["points"]) == ("rms_error", done.points)


@pytest.mark.slow
def test_the_command_tells_and_draws_what_is_measured(tmp_path, monkeypatch, capsys):
    options = ["--task", "friedman1", "--metric", "r2", "--chips", "2", "--windows", "20"]
    options += ["--ideal", "--baseline", "backprop", "--out", str(tmp_path / "run")]
    monkeypatch.setattr("sys.argv", ["neuromgd", "train", *options])
    main()
    told = capsys.readouterr().out
    assert "test R²" in told
    assert "accuracy" not in told
    assert (tmp_path / "run" / "figures" / "history.png").exists()
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert (summary["metric"], summary["r2_chance"]) == ("r2", 0)
    assert f"{summary['r2']:.4g}" in told


class OverTime(nn.Module):
    """The same dense array at every moment of a sequence."""

    @nn.compact
    def __call__(self, x):
        return nn.Dense(2)(x)


def sequences(count=32):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(count, 6, 3)).astype(np.float32)
    return x, generator.normal(size=(3, 2))


@pytest.mark.slow
def test_own_sequences_with_values_at_every_moment(tmp_path):
    x, matrix = sequences()
    y = x @ matrix  # (samples, time, 2), float64
    data = Dataset("steps", x, y, x, y, scale=1.0, classes=None, outputs=12, unit="mV")
    config = msgspec.structs.replace(
        base(True), chips=1, windows=200, batch=8, baseline="backprop", out=str(tmp_path / "run")
    )
    run = train(config, parts=Parts(data=data, network=OverTime()))
    assert run.summary["metric"] == "rms_error"
    assert run.summary["rms_error"] < 0.05 * run.summary["rms_error_chance"]
    assert run.plan.metric.label == "test RMS error [mV]"


@pytest.mark.slow
def test_own_sequences_with_a_class_at_every_moment(tmp_path):
    x, matrix = sequences()
    y = (x @ matrix).argmax(-1).astype(np.int32)
    data = Dataset("steps", x, y, x, y, scale=1.0, classes=2, outputs=2)
    config = msgspec.structs.replace(
        base(True), chips=1, windows=400, batch=8, baseline="backprop", out=str(tmp_path / "run")
    )
    run = train(config, parts=Parts(data=data, network=OverTime()))
    assert run.summary["accuracy"] > 0.95
    outputs = np.asarray(run.plan.design.network.apply(
        jax.tree.map(lambda leaf: leaf[0], weights(run.chips)), jnp.asarray(x)
    ))  # fmt: skip
    assert run.summary["accuracy"] == pytest.approx((outputs.argmax(-1) == y).mean())


def own(y, **changed):
    x = np.zeros((len(y), 3), np.float32)
    given = {"scale": 1.0, "classes": None, "outputs": 1} | changed
    return Parts(data=Dataset("own", x, y, x, y, **given))


WAVE = np.linspace(0, 1, 8)[:, None]


@pytest.mark.parametrize(
    ("config", "parts", "line"),
    [
        (Config(task="friedman1", metric="accuracy"), NO_PARTS, "are values; there are rms_error"),
        (Config(metric="r2"), NO_PARTS, "of 'digits' are classes; there are accuracy"),
        (Config(metric="accuracy"), own(WAVE), "the targets of 'own' are values"),
        (
            Config(task="parity", network=NetworkConfig(cost="cross_entropy")),
            NO_PARTS,
            "needs an output for every class",
        ),
        (
            Config(network=NetworkConfig(cost="cross_entropy")),
            own(np.repeat(WAVE, 2, axis=1), outputs=2),
            "the targets of 'own' are no probabilities",
        ),
        (
            Config(),
            own(WAVE)._replace(network=nn.Dense(3)),
            r"gives outputs of shape \(3,\) for a sample, 'own' needs \(1,\)",
        ),
        (
            Config(),
            own(np.zeros(8, np.int32), classes=4, outputs=4)._replace(network=nn.Dense(3)),
            r"gives outputs of shape \(3,\) for a sample, 'own' needs \(4,\)",
        ),
    ],
)
def test_what_does_not_fit_the_targets_is_refused(config, parts, line):
    with pytest.raises(InputError, match=line) as refused:
        plan(config, parts)
    assert "\n" not in str(refused.value)


def test_own_data_of_another_kind_than_the_task_bring_their_cost_and_metric():
    todo = plan(Config(network=SMALL), own(WAVE))
    assert (todo.metric.name, todo.design.cost.__name__) == ("rms_error", "mean_squared_error")
    classes = own(np.zeros(8, np.int32), classes=2, outputs=2)
    todo = plan(Config(task="friedman1", network=SMALL), classes)
    assert (todo.metric.name, todo.design.cost.__name__) == ("accuracy", "cross_entropy")


def test_soft_labels_are_values_that_cross_entropy_takes():
    soft = np.concatenate([WAVE, 1 - WAVE], axis=1)
    parts = own(soft, outputs=2)
    todo = plan(Config(network=NetworkConfig(hidden=(4,), cost="cross_entropy")), parts)
    assert todo.design.cost.__name__ == "cross_entropy"


def test_a_metric_of_ones_own_is_measured():
    largest = METRICS["rms_error"]._replace(
        name="largest", title="largest error", form=".1f",
        of_sample=lambda output, target: jnp.max(jnp.abs(output - target.reshape(output.shape))),
        reduced=lambda mean, targets: mean,
    )  # fmt: skip
    todo = plan(Config(network=SMALL), own(WAVE)._replace(metric=largest))
    assert todo.metric.name == "largest"


def test_solved_is_beyond_the_wanted_value_in_the_better_direction():
    todo = plan(msgspec.structs.replace(VALUES, network=SMALL))
    todo = todo._replace(task=todo.task._replace(solved=0.2))
    scores = ([0.5, 0.3, 0.2], [0.1, 0.3, 0.2], [0.3, 0.15, 0.2])
    rows = [
        Row(n, 10 * n, 1.0, 0.0, 0.0, [], per_chip, 0.0) for n, per_chip in enumerate(scores, 1)
    ]
    assert solved(todo, rows) == {
        "solved_rms_error": 0.2, "solved_share": pytest.approx(2 / 3), "solved_median_step": 25.0
    }  # fmt: skip
    assert solved(todo._replace(metric=METRICS["r2"]), rows) == {}
