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
from neuromgd.cli.sweep import split
from neuromgd.errors import InputError, OtherLengthWarning
from neuromgd.fleet import chips
from neuromgd.fleet import simulated as ensemble
from neuromgd.fleet.layout import Layout
from neuromgd.fleet.needed import needed, placed_by
from neuromgd.options.config import IDEAL, Config
from neuromgd.options.grid import Design, kept, points
from neuromgd.options.read import checked, with_platform
from neuromgd.plan.plan import plan
from neuromgd.study.ensemble import prepared
from neuromgd.study.sweep import sweep
from neuromgd.study.swept import points_of
from neuromgd.study.train import train

RUN = Config(task="parity", chips=2, windows=40, log_every=10)
OVER = ["device.write_noise=0,0.05", "bus.cost_noise=0,1e-3"]


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    out = str(tmp_path_factory.mktemp("sweep") / "run")
    before = ensemble.advance._cache_size()
    done = sweep(msgspec.structs.replace(RUN, out=out), OVER)
    assert ensemble.advance._cache_size() <= before + 1, "one program serves all points"
    return done


def test_every_point_is_a_run_of_its_own(swept, tmp_path):
    noise, cost_noise = 0.05, 1e-3
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
    assert [row["chip"] for row in rows] == [0, 1]
    costs = [row["cost"] for row in rows]
    np.testing.assert_allclose(costs, alone.history[-1].cost_per_chip, rtol=1e-3)
    of_point = {"device.write_noise": noise, "bus.cost_noise": cost_noise}.items()
    point = next(one for one in swept.points if of_point <= one.items())
    for name in ("solved_share", "solved_median_step"):
        assert point[name] == alone.summary[name]


def test_it_is_not_priced_as_a_run(swept):
    from neuromgd.cli.time import main as time

    with pytest.raises(InputError, match="holds no single run"):
        time(["--run", str(swept.folder), "--platform", "rram_32nm"])


def test_the_time_to_solve_a_task_is_that_of_the_chips_that_do(swept):
    """A chip that never does has no time, and a task without a criterion none at all."""
    chips = [
        swept.table[0] | {"chip": chip, "solved_step": step}
        for chip, step in enumerate((400.0, float("inf"), 200.0))
    ]
    (point,) = points_of(chips, [], plan(RUN).metric, None)
    assert (point["solved_share"], point["solved_median_step"]) == (2 / 3, 300)
    (none,) = points_of([one | {"solved_step": None} for one in chips], [], plan(RUN).metric, None)
    assert "solved_share" not in none


def test_a_sweep_leaves_a_table(swept):
    assert pq.read_table(swept.folder / "sweep.parquet").to_pylist() == swept.table
    assert len(swept.table) == 2 * 2 * 2
    summary = json.loads((swept.folder / "summary.json").read_text())
    assert summary["points"] == swept.points
    assert [point["diverged"] for point in swept.points] == [0, 0, 0, 0]


@pytest.mark.slow
def test_groups_of_chips_give_the_numbers_of_all_at_once(swept, tmp_path, monkeypatch):
    monkeypatch.setattr(chips, "placed_by", lambda *_: Layout(3))
    again = sweep(msgspec.structs.replace(RUN, out=str(tmp_path / "run")), OVER)
    for one, other in zip(swept.table, again.table, strict=True):
        assert one["cost"] == pytest.approx(other["cost"], rel=1e-3)


@pytest.mark.slow
def test_a_point_that_blows_up_is_marked(tmp_path):
    # Cross-entropy has no upper end, as the cost of parity has.
    config = msgspec.structs.replace(
        IDEAL, task="yinyang", chips=2, windows=20, out=str(tmp_path / "run")
    )
    done = sweep(config, Design(over=["learning.rate=0.1,1e9"], target=1.01))
    assert done.points[0]["diverged"] == 0
    lost = done.points[1]
    assert (lost["learning.rate"], lost["accuracy"], lost["cost"]) == (1e9, None, None)
    assert lost["diverged"] == 2
    assert "the cost" in lost["reason"]
    assert [row["reason"] for row in done.table[:2]] == [None, None]
    # Both chips of the point that is left are below 101 %, and a chip that diverged is no yield.
    assert [point["yield"] for point in done.points] == [0, 0]
    json.loads((done.folder / "summary.json").read_text(), parse_constant=lambda name: 1 / 0)


@pytest.mark.parametrize(
    ("over", "reason"),
    [
        ([], "at least one"),
        (["device.write_noise"], "expected NAME"),
        (["device.write_noise=a"], "expected a number"),
        (["device.nothing=1"], "no option"),
        (["bus.cost_nois=1"], "did you mean bus.cost_noise"),
        (["synapse.code=walsch"], "did you mean walsh"),
        (["out=a,b"], "the same for all"),
        (["learning.rate=log:1:2"], "lin:FIRST:LAST:NUMBER"),
        (["learning.rate=log:0:2:3"], "positive ends"),
        (["learning.rate=1,2 with bus.delay=1"], "as many values"),
        (["task=parity,friedman1"], "measured by"),
        (["device.write_noise=-1"], "write_noise"),
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
        assert points(RUN, Design(over=over))


def test_the_command_draws_and_tells(tmp_path, monkeypatch, capsys):
    out = tmp_path / "run"
    arguments = ["sweep", "--over", OVER[0], "--over", OVER[1], "--task", "parity"]
    arguments += ["--chips", "2", "--windows", "40", "--log-every", "10"]
    arguments += ["--out", str(out), "--json"]
    monkeypatch.setattr("sys.argv", ["neuromgd", *arguments])
    main()
    told = json.loads(capsys.readouterr().out)
    assert [point["device.write_noise"] for point in told["points"]] == [0, 0, 0.05, 0.05]
    assert (out / "figures" / "sweep.png").exists()


@pytest.mark.slow
def test_a_sweep_may_name_the_data_of_its_task(tmp_path):
    config = Config(task="parity", bits=3, chips=1, windows=2, out=str(tmp_path / "run"))
    assert len(sweep(config, {"bus.cost_noise": [0.0, 1e-3]}).points) == 2


@pytest.mark.slow
def test_every_point_is_priced_by_itself(tmp_path):
    config = Config(task="parity", chips=1, windows=2, platform="rram_32nm")
    config = msgspec.structs.replace(config, out=str(tmp_path / "run"))
    done = sweep(config, {"synapse.write_share": [0.1, 0.9]})
    for point in done.points:
        synapse = msgspec.structs.replace(config.synapse, write_share=point["synapse.write_share"])
        own = plan(checked(with_platform(msgspec.structs.replace(config, synapse=synapse))))
        assert (point["hardware_seconds"], point["hardware_joules"]) == own.report.at(
            2 * own.tau.update
        )
    summary = json.loads((done.folder / "summary.json").read_text())
    assert (summary["groups"], summary["hardware_joules"]) == (1, None)


@pytest.mark.slow
def test_groups_that_were_killed_go_on_to_the_same_table(tmp_path):
    # Two seeds are two groups, of one program.
    design, config = Design(over=["seed=0,1", "bus.cost_noise=0,1e-3"], target=0.6), RUN
    whole = sweep(msgspec.structs.replace(config, out=str(tmp_path / "whole")), design)
    alone = train(
        msgspec.structs.replace(
            config, seed=1, bus=msgspec.structs.replace(RUN.bus, cost_noise=1e-3),
            out=str(tmp_path / "alone"),
        )
    )  # fmt: skip
    last = [row for row in whole.table if (row["seed"], row["bus.cost_noise"]) == (1, 1e-3)]
    np.testing.assert_allclose([row["cost"] for row in last], alone.history[-1].cost_per_chip, 1e-3)
    out, seen = str(tmp_path / "killed"), []

    def kill(row, windows):
        if len(seen) == 2 and row.window == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(msgspec.structs.replace(config, out=out), design, kill, begin=seen.append)
    assert [(group.number, group.of, group.points) for group in seen] == [(1, 2, 2), (2, 2, 2)]
    assert seen[1].share_before == seen[1].share == 0.5
    kept_design, base = kept(tmp_path / "killed")
    assert kept_design == design
    again = sweep(msgspec.structs.replace(base, out=out), kept_design, is_resumed=True)
    assert again.table == whole.table
    assert again.points == whole.points
    with pytest.raises(InputError, match="groups are done"):
        sweep(msgspec.structs.replace(base, out=out), kept_design, is_resumed=True)


@pytest.mark.parametrize("words", [
    ["--over", "bus.cost_noise=0,1e-3", "--bus.cost-noise", "0.1"],
    ["--windows=100", "--over=windows=50,100"],
    ["--over", "device=@sheets", "--device.sheet", "fefet_jerry2017"],
    ["--device", "fefet_jerry2017", "--over", "seed=0,1", "--with", "device.sheet=none,none"],
], ids=lambda words: words[0])  # fmt: skip
def test_an_axis_has_no_value_beside_it(words):
    with pytest.raises(InputError, match="is an axis, so that this value would count nowhere"):
        split([*words, "--task", "parity"])


@pytest.mark.slow
def test_groups_that_are_made_longer_go_on_to_the_length_that_was_given_last(tmp_path):
    design = Design(over=["seed=0,1", "bus.cost_noise=0,1e-3"])
    sized = lambda name, windows: msgspec.structs.replace(
        RUN, windows=windows, log_every=10, out=str(tmp_path / name)
    )
    sweep(sized("longer", 20), design)

    def kill(row, windows):
        if row.window == 30:
            raise KeyboardInterrupt

    with pytest.warns(OtherLengthWarning), pytest.raises(KeyboardInterrupt):
        sweep(sized("longer", 60), design, kill, is_resumed=True)
    assert not (tmp_path / "longer" / "summary.json").exists()
    kept_design, base = kept(tmp_path / "longer")
    assert (kept_design, base.windows) == (design, 60)
    with pytest.warns(OtherLengthWarning):
        sweep(msgspec.structs.replace(base, out=str(tmp_path / "longer")), design, is_resumed=True)
    for folder in (tmp_path / "longer").glob("group-*"):
        assert json.loads((folder / "summary.json").read_text())["windows"] == 60
    with pytest.raises(InputError, match="groups are done"):
        sweep(msgspec.structs.replace(base, out=str(tmp_path / "longer")), design, is_resumed=True)


def test_a_number_may_need_what_the_axis_brings():
    # By itself the number has no effect: an exponent of drift without a time that passes.
    synapse = msgspec.structs.replace(RUN.synapse, accumulator_bits=8)
    base = msgspec.structs.replace(RUN, synapse=synapse)
    with pytest.raises(InputError, match="accumulator_range"):
        checked(base)
    found, _ = points(base, Design(over=["synapse.accumulator_range=1,2"]))
    assert [point.config.synapse.accumulator_range for point in found] == [1.0, 2.0]


@pytest.mark.slow
def test_chips_of_every_point_may_be_others(tmp_path):
    config = msgspec.structs.replace(RUN, chips=2, windows=20, out=str(tmp_path / "run"))
    done = sweep(config, ["bus.cost_noise=1e-3,1e-3"], first_chip=1)
    costs = [row["cost"] for row in done.table]
    assert len(set(costs)) == 4
    more = msgspec.structs.replace(RUN, chips=5, windows=20, out=str(tmp_path / "alone"))
    alone = train(more).history[-1].cost_per_chip
    np.testing.assert_allclose(costs, alone[1:], rtol=1e-3)


@pytest.mark.slow
def test_what_a_user_put_among_the_groups_stays(tmp_path):
    config = Config(task="parity", windows=4, chips=1, out=str(tmp_path / "run"))
    over = {"synapse.code": ["rademacher", "walsh"]}
    first = sweep(config, over)
    mine = next(first.folder.glob("group-*")) / "mine.txt"
    mine.write_text("mine", encoding="utf-8")
    again = sweep(config, over, may_overwrite=True)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert again.table == first.table


@pytest.mark.slow
def test_a_sweep_in_portions_is_the_one_that_fits(swept, tmp_path):
    config, design = msgspec.structs.replace(RUN, out=str(tmp_path / "run")), Design(over=OVER)
    todo, _ = points(config, design)
    (first,) = prepared([todo[0].config])
    where = placed_by(todo[0].config, first._replace(points=4))
    two = needed(todo[0].config, first._replace(points=2), first.machine, where).total
    small = msgspec.structs.replace(config, memory=1.01 * two / 1e9)
    done = sweep(small, design)
    assert [path.name for path in sorted(done.folder.glob("group-*"))] == ["group-1", "group-2"]
    assert done.table == swept.table
    # What goes on does so in the portions that it began with, whatever memory there is.
    (done.folder / "summary.json").unlink()
    (done.folder / "group-2" / "summary.json").unlink()
    _, kept_config = kept(done.folder)
    again = msgspec.structs.replace(kept_config, memory=None, out=str(done.folder))
    assert sweep(again, design, is_resumed=True).table == swept.table
