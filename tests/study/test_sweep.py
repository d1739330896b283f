"""A sweep: every point has the numbers of a run of its own, and one program serves them all."""

import contextlib
import json

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromgd.cli.main import main
from neuromgd.errors import InputError
from neuromgd.fleet import chips
from neuromgd.fleet import simulated as ensemble
from neuromgd.fleet.layout import Layout
from neuromgd.options.config import IDEAL, Config
from neuromgd.options.grid import axes, grid
from neuromgd.study.sweep import sweep
from neuromgd.study.train import train

RUN = Config(task="parity", chips=3, windows=60, log_every=30)
OVER = ["device.write_noise=0,0.05", "bus.cost_noise=0,1e-3"]


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    out = str(tmp_path_factory.mktemp("sweep") / "run")
    before = ensemble.advance._cache_size()
    done = sweep(msgspec.structs.replace(RUN, out=out), OVER)
    assert ensemble.advance._cache_size() <= before + 1, "one program serves all points"
    return done


def test_every_point_is_a_run_of_its_own(swept, tmp_path):
    for noise, cost_noise in ((0.0, 1e-3), (0.05, 0.0)):
        alone = train(
            msgspec.structs.replace(
                RUN,
                out=str(tmp_path / f"{noise}"),
                device=msgspec.structs.replace(RUN.device, write_noise=noise),
                bus=msgspec.structs.replace(RUN.bus, cost_noise=cost_noise),
            )
        )
        rows = [
            row
            for row in swept.table
            if (row["device.write_noise"], row["bus.cost_noise"]) == (noise, cost_noise)
        ]
        assert [row["chip"] for row in rows] == [0, 1, 2]
        costs = [row["cost"] for row in rows]
        np.testing.assert_allclose(costs, alone.history[-1].cost_per_chip, rtol=1e-3)


def test_a_sweep_leaves_a_table(swept):
    assert pq.read_table(swept.folder / "sweep.parquet").to_pylist() == swept.table
    assert len(swept.table) == 2 * 2 * 3
    summary = json.loads((swept.folder / "summary.json").read_text())
    assert summary["points"] == swept.points
    assert [point["diverged"] for point in swept.points] == [0, 0, 0, 0]


@pytest.mark.slow
def test_groups_of_chips_give_the_numbers_of_all_at_once(swept, tmp_path, monkeypatch):
    monkeypatch.setattr(chips, "layout", lambda *_: Layout(5))
    again = sweep(msgspec.structs.replace(RUN, out=str(tmp_path / "run")), OVER)
    for one, other in zip(swept.table, again.table, strict=True):
        assert one["cost"] == pytest.approx(other["cost"], rel=1e-3)


def test_a_point_that_blows_up_is_marked(tmp_path):
    # Cross-entropy has no upper end, as the cost of parity has.
    config = msgspec.structs.replace(
        IDEAL, task="yinyang", chips=2, windows=20, out=str(tmp_path / "run")
    )
    done = sweep(config, ["learning.rate=0.1,1e9"])
    assert done.points[0]["diverged"] == 0
    assert done.points[1] == {
        "learning.rate": 1e9, "accuracy": None, "accuracy_std": None, "cost": None, "diverged": 2
    }  # fmt: skip
    json.loads((done.folder / "summary.json").read_text(), parse_constant=lambda name: 1 / 0)


@pytest.mark.parametrize(
    ("over", "reason"),
    [
        ([], "at least one"),
        (["device.write_noise"], "expected NAME"),
        (["device.write_noise=a"], "expected a number"),
        (["device.nothing=1"], "no such number"),
        (["network.weight_scale=1,2"], "can be swept"),
        (["device.write_noise=-1"], "write_noise"),
        (["bus.delay=1,2"], "changes the program"),
        (["device.write_noise=0", "device.write_noise=1"], "already"),
    ],
)
def test_what_cannot_be_swept_is_refused(over, reason, tmp_path):
    config = msgspec.structs.replace(RUN, out=str(tmp_path / "run"))
    with pytest.raises(InputError, match=reason):
        sweep(config, over)


@given(st.lists(st.text(max_size=30), max_size=3))
def test_any_text_is_read_or_refused(over):
    with contextlib.suppress(InputError):
        assert grid(RUN, axes(over))


def test_the_command_draws_and_tells(tmp_path, monkeypatch, capsys):
    out = tmp_path / "run"
    arguments = ["sweep", "--over", "device.update_noise=1e-4,1e-2", "--task", "parity"]
    arguments += ["--chips", "2", "--windows", "20", "--out", str(out), "--json"]
    monkeypatch.setattr("sys.argv", ["neuromgd", *arguments])
    main()
    told = json.loads(capsys.readouterr().out)
    assert [point["device.update_noise"] for point in told["points"]] == [1e-4, 1e-2]
    assert (out / "figures" / "sweep.png").exists()


def test_a_sweep_may_name_the_data_of_its_task(tmp_path):
    config = Config(task="parity", bits=3, chips=1, windows=2, out=str(tmp_path / "run"))
    assert len(sweep(config, {"bus.cost_noise": [0.0, 1e-3]}).points) == 2


def test_what_changes_the_price_is_not_swept_beside_a_platform(tmp_path):
    config = Config(task="parity", chips=1, windows=2, platform="rram_32nm")
    config = msgspec.structs.replace(config, out=str(tmp_path / "run"))
    with pytest.raises(InputError, match="priced once"):
        sweep(config, {"synapse.write_share": [0.1, 0.9]})
