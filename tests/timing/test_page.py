"""The page for an architect: each figure from its definition, each change by the clock itself."""

import json
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from neuromgd.cli.time import main as time_command
from neuromgd.errors import InputError
from neuromgd.sheets.platform import build, load, override
from neuromgd.timing import Schedule, Workload, time_run
from neuromgd.timing.changes import changes, halved
from neuromgd.timing.merit import bottleneck, merit
from neuromgd.timing.sensitivity import elasticities, energy_elasticities

MNIST = (784, 128, 64, 10)
ENTRY = {"basis": "assumed", "spans": "test", "source": "test"}


def sheet(name="rram_32nm", **changed):
    data = msgspec.to_builtins(load(name))
    for key, value in changed.items():
        data[key] = {**data[key], **value} if isinstance(data.get(key), dict) else value
    return build(Path("test"), data)


def test_figures_are_what_their_words_say():
    """Six timesteps, a sample every two, a write every three; two passes each."""
    platform = sheet(
        powers={"leak": {"value": 2, "unit": "mW", "per": "array", "size": 1, **ENTRY}},
        areas={"array": {"value": 500, "unit": "um2", "per": "array", "size": 1, **ENTRY},
               "tile": {"value": 0.25, "unit": "mm2", **ENTRY}},
        power_limit={"value": 30, "unit": "mW", **ENTRY},
    )  # fmt: skip
    workload = Workload(layers=(128, 16), steps=6, tau_sample=2, tau_perturbation=1, tau_update=2)
    report = time_run(platform, workload)
    facts, joules = merit(report), report.joules
    assert facts["joules_per_timestep"] == joules / 6
    assert facts["joules_per_update"] == facts["joules_per_sample"] == joules / 3
    assert facts["watts"] == joules / report.seconds > 2e-3
    assert facts["samples_per_second"] == 3 / report.seconds
    assert facts["operations"] == 12 * 2 * 128 * 16
    assert facts["operations_per_joule"] == 12 * 2 * 128 * 16 / joules
    assert facts["energy_delay_product"] == joules * report.seconds / 36
    assert facts["utilisation"] == 128 * 16 * 4 / (128 * 128)
    assert facts["square_metres"] == pytest.approx(0.25e-6 + 5e-10)
    assert facts["is_over_power_limit"] == (facts["watts"] > 30e-3)


def test_elasticities_of_energy_are_those_of_the_clock_run_again():
    platform = sheet(powers={"leak": {"value": 50, "unit": "mW", **ENTRY}})
    report = time_run(platform, Workload(layers=MNIST, steps=100))
    told = energy_elasticities(report, elasticities(report))
    for group in ("energies", "powers"):
        for name in getattr(platform, group):
            if f"{group}.{name}" not in told or name == "convert":
                continue
            again = time_run(halved(platform, [f"{group}.{name}"]), report.workload)
            saved = 1 - again.energy.total / report.energy.total
            assert float(2 * saved) == pytest.approx(told[f"{group}.{name}"], abs=1e-9), name
    shares = {name: value for name, value in told.items() if not name.startswith("times.")}
    assert sum(shares.values()) == pytest.approx(1)
    faster = override(platform, "times.post=495 ns")
    again = time_run(faster, report.workload)
    slope = (again.energy.total / report.energy.total - 1) / Fraction(-1, 100)
    assert float(slope) == pytest.approx(told["times.post"], rel=1e-6)


def test_changes_are_ranked_by_what_the_clock_says_of_each():
    report = time_run(load("rram_32nm"), Workload(layers=MNIST, steps=100))
    found = changes(report, 10)
    assert {len(one.entries) for one in found} == {1, 2}
    worth = [one.seconds * one.joules for one in found]
    assert worth == sorted(worth)
    assert worth[-1] < report.seconds * report.joules
    for one in found[:3]:
        again = time_run(halved(report.platform, one.entries), report.workload)
        assert (again.seconds, again.joules) == (one.seconds, one.joules)


def test_a_chip_with_too_few_arrays_writes_them_anew_in_every_pass():
    """Three layers of one array each on a chip of two: two loads, each in front of its layers."""
    small = sheet("pcm_14nm", array={"count": 2, "rows": 128, "columns": 128})
    workload = {"layers": (128, 128, 128, 10), "steps": 5, "tau_update": 5}
    with pytest.raises(InputError, match="need 3 arrays, pcm_14nm has 2; allowed are --fit reload"):
        time_run(small, Workload(**workload))
    fits = time_run(small, Workload(**workload, fit="larger"))
    turns = time_run(small, Workload(**workload, fit="reload"))
    row = turns.hardware.write.ticks // 128
    assert turns.ticks - fits.ticks == 2 * 5 * (128 * row + 128 * row)
    written = fits.energy.by(0)["write"] / (128 * 128 * 2 + 1280)
    cells = (128 * 128 * 2 + 1280) * (1 + 2 * 5)
    assert turns.energy.by(0)["write"] == written * cells
    assert (fits.is_too_large, turns.is_too_large) == (True, False)
    with pytest.raises(InputError, match="passes of schedule 'pipelined' meet on the chip"):
        time_run(small, Workload(**workload, fit="reload"), "pipelined")
    with pytest.raises(InputError, match="in use at one time needs 9 arrays"):
        time_run(small, Workload(layers=(384, 384, 2), steps=1, fit="reload"))


def test_columns_share_the_driver_of_a_row():
    data = msgspec.to_builtins(load("pcm_14nm"))
    data["write"]["at_once"] = 32
    shared = build(Path("test"), data)
    plain, multiplexed = (
        time_run(one, Workload(layers=(256, 250), steps=1)).hardware.write
        for one in (load("pcm_14nm"), shared)
    )
    assert multiplexed.ticks == plain.ticks * 8
    assert multiplexed.energy == plain.energy


def test_inputs_at_rest_drive_no_rows():
    whole, half = (
        time_run(load("rram_32nm"), Workload(layers=MNIST, steps=10, activity=share)).energy.by(0)
        for share in (1.0, 0.5)
    )
    for name in whole:
        factor = Fraction(1, 2) if name in ("row_drive", "cell_read") else 1
        assert half[name] == whole[name] * factor, name


def test_the_bottleneck_has_most_to_do():
    assert bottleneck(time_run(load("pcm_14nm"), Workload(layers=MNIST, steps=10))) == "write"
    report = time_run(
        load("rram_32nm"), Workload(layers=MNIST, steps=100, tau_update=100), Schedule("pipelined")
    )
    busy = {name: line.busy for name, line in report.ledger.items()}
    assert bottleneck(report).startswith(max(busy, key=busy.get))


def test_the_commands_tell_it_all(capsys):
    time_command(["--platform", "rram_32nm", "--steps", "1000", "--changes", "3"])
    told = capsys.readouterr().out
    for words in ("TOPS/W", "energy of one update", "elasticity d ln E", "halved, and the clock",
                  "cells used", "energy times delay"):  # fmt: skip
        assert words in told
    time_command(["--compare", "all", "--steps", "1000", "--json"])
    rows = json.loads(capsys.readouterr().out)
    timed = [row for row in rows if "left_out" not in row]
    assert len(timed) > 15
    assert all(row["bottleneck"] for row in timed)
    assert [row["platform"] for row in rows if "left_out" in row] == ["loihi_mesh"]
    marks = [bool(row["absent_for_training"]) for row in timed]
    assert marks == sorted(marks)


def test_a_word_over_a_link_takes_its_latency_and_its_bits():
    """Three hops of a tree of 8 chips: 10 ns and 1 ns a bit, of 12 bits or the broadcast's 8."""
    hop = {"value": 74, "fixed": 10, "per": "bit", "size": 64, "unit": "ns", **ENTRY}
    for more, bits in (({}, 8), ({"word_bits": 12}, 12)):
        links = {"topology": "tree", "basis": "assumed", "source": "test", **more}
        platform = sheet(times={"hop": hop}, links=links)
        report = time_run(platform, Workload(layers=(9, 4), steps=1, chips=8), "lockstep")
        assert report.hardware.reduce.ticks * report.tick == 3 * Fraction(10 + bits, 10**9)
    with pytest.raises(InputError, match=r"times\.load\.per: read 'bit'; allowed on times and en"):
        sheet(times={"load": hop})


def test_what_a_tile_has_once_is_there_for_each_tile_that_is_begun():
    leak = {"value": 3, "unit": "mW", "per": "tile", "size": 1, **ENTRY}
    platform = sheet(powers={"leak": leak}, array={"per_tile": 4})
    report = time_run(platform, Workload(layers=(128 * 9, 32), steps=1))
    assert report.arrays == 9
    assert report.static_watts == 3 * Fraction(3, 1000)
    with pytest.raises(InputError, match=r"powers\.leak\.per: read 'tile'; allowed with"):
        sheet(powers={"leak": leak})


def test_only_circuits_that_can_pass_over_cells_do():
    mode = {"mode": "array_parallel", "basis": "assumed", "source": "test", "skips": "rows"}
    with pytest.raises(InputError, match=r"write\.skips: read 'rows' with write\.mode 'array_par"):
        sheet(write=mode)
