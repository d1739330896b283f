"""The commands as a user types them: quick, without JAX, and mistakes in one line."""

import json
import os
import re
import subprocess
import sys

import pytest

from neuromgd.cli import platforms, reproduce
from neuromgd.cli.main import main
from neuromgd.cli.time import main as time_command
from neuromgd.errors import InputError
from neuromgd.sheets import library
from neuromgd.timing import SCHEDULES, Workload, load, time_run
from neuromgd.timing.targets import TARGETS, published
from neuromgd.timing.targets import reproduce as work_out


def run(*arguments, code="from neuromgd.cli.main import main; main()"):
    path = os.pathsep.join(part for part in sys.path if part)
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


TIME = ("time", "--platform", "rram_32nm", "--layers", "784,128,64,10", "--steps", "1e9")


def test_a_billion_timesteps_are_told_in_a_second_and_a_half():
    """In processor time, which others on the machine disturb less than time on the wall."""
    spent = []
    for _ in range(3):
        begun = os.times()
        done = run(*TIME)
        now = os.times()
        spent.append(
            now.children_user - begun.children_user + now.children_system - begun.children_system
        )
        assert done.returncode == 0, done.stderr
    assert min(spent) < 1.5


def test_neither_jax_nor_matplotlib_is_imported():
    code = (
        "import sys; from neuromgd.cli.main import main; main(); "
        "print([m for m in ('jax', 'flax', 'optax', 'matplotlib', 'vcd') if m in sys.modules])"
    )
    assert run(*TIME, code=code).stdout.splitlines()[-1] == "[]"


LONG_RUNS = """
import time
from neuromgd.timing import SCHEDULES, Schedule, Workload, load, time_run
for name, order in SCHEDULES.items():
    for steps in (10**9, 10**12):
        workload = Workload(
            layers=(784, 128, 64, 10), steps=steps, tau_update=1000, tau_sample=1000,
            chips=10**6 if order.takes_chips else 1,
        )
        begun = time.process_time()
        choices = {"registers": 4} if "registers" in order.settings else {}
        report = time_run(load("rram_32nm"), workload, Schedule(name, **choices))
        report.seconds, report.joules, report.ledger
        print(name, steps, time.process_time() - begun)
"""


def test_any_length_of_run_takes_less_than_a_second():
    done = run(code=LONG_RUNS)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert len(rows) == 2 * len(SCHEDULES)
    assert {name: wall for name, _, wall in rows if float(wall) > 1} == {}


def test_the_printed_report_names_what_was_promised(capsys):
    time_command([*TIME[1:]])
    told = capsys.readouterr().out
    for words in (
        "run of 1,000,000,000 timesteps", "from the sheet's ranges", "timestep", "sample",
        "window", "fill, drain", "papers' clock", "energy by cause", "energy by component",
        "critical path", "elasticity", "busy", "blocked", "idle", "not modelled",
        "converter energy from", "isaac",
    ):  # fmt: skip
        assert words in told


def test_platforms_stand_side_by_side(capsys):
    time_command(["--compare", "pcm_14nm,fpga_320mhz", "--steps", "1000"])
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == ["platform", "pcm_14nm", "fpga_320mhz"]


def test_what_cannot_be_timed_is_left_out_of_a_comparison_with_the_reason(capsys):
    time_command(["--compare", "loihi_mesh,abacus,pcm_14nm", "--steps", "1000"])
    told = capsys.readouterr().out
    assert told.splitlines()[1].startswith("pcm_14nm")
    assert "left out: loihi_mesh: times.read is unknown" in told
    assert "left out: abacus: no sheet 'abacus'" in told
    time_command(["--compare", "abacus,pcm_14nm", "--steps", "1000", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert [row["platform"] for row in rows] == ["pcm_14nm", "abacus"]


def test_a_sheet_without_parts_for_training_says_so_and_never_leads(capsys):
    time_command(["--compare", "isaac_16bit,puma_mvmu,bench_usb", "--steps", "1000"])
    told = capsys.readouterr().out
    assert [line.split()[0] for line in told.splitlines()[1:4]] == [
        "bench_usb", "isaac_16bit", "puma_mvmu",
    ]  # fmt: skip
    assert "* isaac_16bit has no part that can perturb, broadcast, write" in told
    time_command(["--platform", "isaac_16bit", "--steps", "10"])
    assert "without what training needs: perturb, broadcast, write" in capsys.readouterr().out
    time_command(["--platform", "bench_photonic", "--steps", "10"])
    assert "without what training needs" not in capsys.readouterr().out


def test_a_sheet_with_one_schedule_uses_it_unasked(capsys):
    time_command(["--platform", "oripov_1mhz", "--steps", "1e9", "--json"])
    facts = json.loads(capsys.readouterr().out)
    assert (facts["schedule"]["name"], facts["seconds"]) == ("paper_clock", 1000)


@pytest.mark.timed
@pytest.mark.parametrize(
    "schedule", ["pipelined", pytest.param("two_pass", marks=pytest.mark.slow)]
)
def test_the_largest_network_is_timed_without_waiting(schedule):
    begun = os.times().user
    layers = ",".join(["8"] * 512)
    time_command(["--platform", "pcm_14nm", "--layers", layers, "--schedule", schedule, "--json"])
    assert os.times().user - begun < 30


def test_control_characters_of_a_sheet_are_escaped(tmp_path, capsys):
    text = library.locate("platforms", "pcm_14nm").read_text()
    sheet = tmp_path / "odd.toml"
    title = re.search('title = ".*"', text)[0]
    sheet.write_text(text.replace(title, 'title = "clear\\u001b[2J"'))
    time_command(["--platform", str(sheet), "--steps", "10"])
    platforms.main(["show", str(sheet)])
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert told.count("clear\\x1b[2J") == 2


def test_a_sheet_too_large_to_be_one_is_refused(tmp_path):
    sheet = tmp_path / "large.toml"
    sheet.write_text("# " + "x" * 2_000_000)
    with pytest.raises(InputError, match="larger than the 1,000,000 bytes that are read"):
        platforms.main(["check", str(sheet)])


def test_a_finished_run_is_priced_on_another_platform(tmp_path, capsys):
    workload = {
        "layers": [64, 32, 10], "steps": 12_800, "tau_sample": 1, "tau_perturbation": 128,
        "tau_update": 128, "broadcast": "perturbation", "pass_order": "block",
        "schedule": "reuse",
    }  # fmt: skip
    (tmp_path / "summary.json").write_text(json.dumps({"workload": workload}))
    told = []
    for platform in ("fpga_320mhz", "pcm_14nm"):
        time_command(["--run", str(tmp_path), "--platform", platform, "--json"])
        told.append(json.loads(capsys.readouterr().out))
    assert [facts["workload"]["steps"] for facts in told] == [12_800, 12_800]
    assert told[0]["schedule"]["name"] == "reuse"
    assert told[0]["seconds"] < told[1]["seconds"]


def test_traces_and_chart_are_written(tmp_path):
    files = {name: tmp_path / f"out.{ending}" for name, ending in (
        ("trace", "json"), ("vcd", "vcd"), ("csv", "csv"), ("gantt", "svg"))}  # fmt: skip
    options = [text for name, path in files.items() for text in (f"--{name}", str(path))]
    time_command([*TIME[1:], *options])
    assert all(path.stat().st_size > 500 for path in files.values())
    labels = files["gantt"].read_text()
    assert "layer 1" in labels or "<svg" in labels


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["time"], "--platform: missing"),
        (["time", "--platform", "abacus"], "no sheet 'abacus' in platforms"),
        (["time", "--platform", "pcm_14nm", "--steps", "many"], "Error parsing --steps"),
        (["time", "--platform", "pcm_14nm", "--steps", "0"], "steps: read 0, allowed is 1 or more"),
        (["time", "--platform", "pcm_14nm", "--layers", "5"], "layers: read (5,)"),
        (["time", "--platform", "pcm_14nm", "--schedule", "magic"], "schedule: read 'magic'"),
        (["time", "--platform", "pcm_14nm", "--chips", "2"], "chips: read 2"),
        (["time", "--platform", "pcm_14nm", "--tau-perturbation", "3"], "tau_update: read 100"),
        (["time", "--platform", "pcm_14nm", "--tau-sample", "3"], "tau_sample: read 3"),
        (["time", "--platform", "pcm_14nm", "--set", "times.write"], "expected KEY=VALUE"),
        (["time", "--platform", "rram_32nm", "--adc", "gold"], "--adc: read 'gold', for rram_32nm"),
        (["time", "--platform", "pcm_14nm", "--adc", "isaac"], "--adc: read 'isaac', for pcm_14nm"),
        (["time", "--platform", "photonic_electro", "--schedule", "pipelined"], "times.switch"),
        (["time", "--platform", "pcm_14nm", "--schedule", "lockstep", "--chips", "2"], "[links]"),
        (
            ["time", "--platform", "oripov_1mhz", "--schedule", "reuse"],
            "has only times.paper_clock; allowed are paper_clock",
        ),
        (["time", "--run", "x", "--steps", "5"], "--run and --steps: exclude each other"),
        (
            ["time", "--platform", "rram_32nm", "--schedule", "inference", "--tau-update", "7"],
            "--tau-update: schedule 'inference' trains nothing",
        ),
        (
            ["time", "--platform", "rram_32nm", "--layers", "9,4", "--replicas", "4"],
            "--replicas: read 4, but no matrix of this network is used more than once a sample",
        ),
        (["time", "--run", "x", "--layers", "5,2"], "--run and --layers: exclude each other"),
        (["time", "--run", "x", "--tau-update", "5"], "--run and --tau-update: exclude each other"),
        (
            ["time", "--compare", "pcm_14nm", "--platform", "rram_32nm"],
            "--compare and --platform: exclude each other",
        ),
        (["time", "--compare", "pcm_14nm", "--csv", "x.csv"], "--compare and --csv: exclude"),
        (["time", "--compare", "loihi_mesh,abacus"], "--compare: none of these can be timed"),
        (["time", "--platform", "pcm_14nm", "--steps", "1e400"], "--steps"),
        (["time", "--platform", "pcm_14nm", "--layers", "1e400,2"], "--layers: read '1e400'"),
        (["time", "--platform", "pcm_14nm", "--layers", "1e17,2"], "units at most"),
        (["time", "--platform", "pcm_14nm", "--layers", ",".join(["2"] * 20_000)], "512 of"),
        (["time", "--platform", "x" * 5000], "no sheet 'xxx"),
        (["time", "--platform", "x" * 5000 + ".toml"], "no sheet 'xxx"),
        (["time", "--platform", "bell\x07"], "no sheet 'bell\\x07'"),
        (["time", "--run", "x" * 5000, "--platform", "pcm_14nm"], "--run: read no workload"),
        (["time", "--platform", "pcm_14nm", "--chips", "1000000"], "chips: read 1000000"),
        (["time", "--platform", "pcm_14nm", "--registers", "3"], "does not go by it"),
        (
            [
                "time",
                "--platform",
                "pcm_14nm",
                "--schedule",
                "pipelined",
                "--registers",
                "9000000000",
            ],
            "registers: read 9000000000, allowed are 1 to 1,000,000,000",
        ),
        (["time", "--platform", "pcm_14nm", "--trace-steps", "9"], "has no effect without --trace"),
        (
            ["time", "--platform", "pcm_14nm", "--csv", "x.csv", "--trace-steps=-4"],
            "--trace-steps: read -4, allowed with --csv are 1 to 2000",
        ),
        (
            ["time", "--platform", "pcm_14nm", "--gantt", "x.html"],
            "--gantt: read 'x.html', allowed",
        ),
        (
            ["time", "--platform", "pcm_14nm", "--gantt", "x"],
            "endings are .svg, .png, .pdf",
        ),
        *(
            (["time", "--platform", "pcm_14nm", f"--{option}", where], message)
            for option, ending in (("trace", ""), ("vcd", ""), ("csv", ""), ("gantt", ".svg"))
            for where, message in (
                (f"/no/such/folder/x{ending}", f"--{option}: there is no folder '/no/such/folder'"),
                ("x" * 5000 + ending, f"--{option}: 'xxx"),
                (f"a\0b{ending}", f"--{option}: "),
                *(() if ending else (("/tmp", f"--{option}: '/tmp' is a folder"),)),
            )
        ),
        (
            ["time", "--run", "nowhere", "--platform", "pcm_14nm"],
            "--run: read no workload in 'nowhere",
        ),
        (["time", "--platform", "pcm_14nm", "--broadcast", "never"], "broadcast: read 'never'"),
        (
            ["time", "--platform", "pcm_14nm", "--schedule", "pipelined", "--registers", "0"],
            "registers: read 0, allowed are 1 to 1,000,000,000",
        ),
        (
            ["time", "--platform", "pcm_14nm", "--schedule", "lockstep", "--pass-order", "block"],
            "pass_order: read 'block', allowed with schedule 'lockstep' is 'alternate'",
        ),
        (["platforms", "paint"], "allowed are list, show SHEET, check FILE"),
        (["reproduce", "V99"], "target: read 'V99'"),
    ],
)
def test_a_mistake_is_told_in_one_line(arguments, message, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["neuromgd", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    told = capsys.readouterr().err
    assert stop.value.code == 2
    assert message in told
    assert told.count("\n") == 1


def test_platforms_are_listed_shown_and_checked(tmp_path, capsys):
    platforms.main(["list"])
    assert "pcm_14nm" in capsys.readouterr().out
    platforms.main(["show", "bench_photonic"])
    shown = capsys.readouterr().out
    assert "22 ms" in shown
    assert "Guo et al. 2025" in shown
    assert "unknown" in shown
    platforms.main(["check", "rram_32nm"])
    assert "good; 7 assumed" in capsys.readouterr().out


@pytest.mark.parametrize("target", TARGETS)
def test_every_published_target_is_within_its_tolerance(target):
    comparisons = work_out(target)
    assert comparisons
    for one in comparisons:
        assert one.holds, (one.what, one.ratio)


def test_targets_and_published_figures_are_the_same_set():
    assert set(TARGETS) == set(published())


def test_a_prediction_that_misses_is_told():
    one = work_out("V4")[0]
    assert not one._replace(ours=1.03 * one.theirs).holds
    table = reproduce.table([one._replace(ours=1.03 * one.theirs)])
    assert "OUTSIDE" in table


def test_reproduce_prints_ours_theirs_and_the_ratio(capsys):
    reproduce.main(["V4", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 20
    assert all(row["independence"] == "prediction" for row in rows)
    reproduce.main(["list"])
    shown = capsys.readouterr().out
    assert all(f"{name:<4} " in shown for name in TARGETS)


def test_a_finished_run_is_priced_with_the_rows_that_it_wrote(tmp_path, capsys):
    recorded = dict(layers=[20, 10, 5], steps=100, tau_update=10, rows_per_write=2, write_share=0.5)
    (tmp_path / "summary.json").write_text(json.dumps({"workload": recorded}))
    time_command(["--run", str(tmp_path), "--platform", "rram_32nm", "--json"])
    told = json.loads(capsys.readouterr().out)
    whole = Workload(**recorded | {"layers": (20, 10, 5)})
    report = time_run(load("rram_32nm"), whole, "two_pass")
    assert (told["seconds"], told["joules"]) == (report.seconds, report.joules)
    some = Workload(layers=(20, 10, 5), steps=100, tau_update=10)
    assert report.seconds < time_run(load("rram_32nm"), some, "two_pass").seconds
