"""Traces say what the interval table says: JSON, VCD and CSV read back."""

import csv as csv_module
import json
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuromgd.errors import InputError
from neuromgd.sheets.platform import load, override
from neuromgd.timing import SCHEDULES, Workload, time_run
from neuromgd.timing.clock import Clock
from neuromgd.timing.traces import csv, perfetto, vcd
from neuromgd.timing.traces.intervals import simulate, table
from tests.timing.strategies import cases, contended

FEMTOSECOND = Clock(load("pcm_14nm")).tick
fresh_file = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # fmt: skip


def intervals_of(recipe, steps=6):
    return table(simulate(recipe.build().program, steps))


def any_case():
    return st.sampled_from(list(SCHEDULES)).flatmap(cases) | contended()


@given(recipe=any_case())
@fresh_file
def test_slices_on_one_track_never_overlap(recipe, tmp_path):
    intervals = intervals_of(recipe)
    perfetto.write(tmp_path / "trace.json", intervals, FEMTOSECOND, "test")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    slices = [event for event in events if event["ph"] == "X"]
    tracks = {(event["pid"], event["tid"]) for event in slices}
    for track in tracks:
        own = sorted(
            (round(event["ts"] * 1000), round((event["ts"] + event["dur"]) * 1000))
            for event in slices
            if (event["pid"], event["tid"]) == track
        )
        assert all(one[1] <= following[0] for one, following in pairwise(own))
    worked = {(e["args"]["start_tick"], e["args"]["end_tick"]) for e in slices
              if e["name"] != "blocked" and not e["name"].startswith("wait:")}  # fmt: skip
    assert worked == {(one.start, one.end) for one in intervals if one.end > one.start}
    waited = sum(e["args"]["end_tick"] - e["args"]["start_tick"] for e in slices
                 if e["name"].startswith("wait:"))  # fmt: skip
    assert waited == sum(one.start - one.ready for one in intervals)


def test_a_trace_says_its_scale_names_its_tracks_and_counts_its_energy(tmp_path):
    workload = Workload(layers=(784, 128, 10), steps=4, tau_update=2, chips=2)
    report = time_run(load("rram_32nm"), workload, "lockstep")
    intervals = table(simulate(report.clockwork.program, 4))
    perfetto.write(tmp_path / "trace.json", intervals, report.tick, "two chips")
    document = json.loads((tmp_path / "trace.json").read_text())
    assert document["otherData"]["seconds per tick"] == "1e-15"
    events = document["traceEvents"]
    names = {event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert {one.resource for one in intervals if one.end > one.start} <= names
    counted = [event for event in events if event["ph"] == "C"][-1]["args"]
    assert sum(counted.values()) * 1e-12 == pytest.approx(report.joules)
    starts = [event for event in events if event["ph"] == "s"]
    ends = [event for event in events if event["ph"] == "f"]
    assert len(starts) == len(ends) == 4


def texts(path):
    """Returns what each string variable says when: vcdvcd skips these, a GTKWave extension."""
    now, said = 0, {}
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            now = int(line[1:])
        elif line.startswith("s"):
            text, identifier = line[1:].split(" ")
            said[identifier, now] = text
    return said


def read_back(path):
    """Returns from a VCD file the intervals of each resource as (start, end, freed, step, what)."""
    from vcdvcd import VCDVCD

    dump, said, found = VCDVCD(str(path)), texts(path), {}
    names = {name.partition("[")[0]: name for name in dump.references_to_ids}
    for scope in {name.rpartition(".")[0] for name in names}:
        signal = {name: dump[names[f"{scope}.{name}"]] for name in ("job", "blocked", "timestep")}
        what = dump.references_to_ids[names[f"{scope}.what"]]
        rows = []
        jobs = [(at, int(value, 2)) for at, value in signal["job"].tv]
        for (start, job), (freed, _) in pairwise([*jobs, (None, 0)]):
            if job:
                blocked = [at for at, value in signal["blocked"].tv if value == "1"]
                end = next((at for at in blocked if start <= at < freed), freed)
                step = int(signal["timestep"][start], 2)
                rows.append((start, end, freed, step, said[what, start]))
        found[scope] = rows
    return found


@given(recipe=any_case())
@fresh_file
def test_a_waveform_read_back_is_the_interval_table(recipe, tmp_path):
    intervals = intervals_of(recipe)
    vcd.write(tmp_path / "wave.vcd", intervals, FEMTOSECOND, "test")
    found = read_back(tmp_path / "wave.vcd")
    for resource in {one.resource for one in intervals}:
        expected = [
            (one.start, one.end, one.freed, one.step, f"{one.part}/{one.cause}".replace(" ", "_"))
            for one in intervals
            if one.resource == resource and one.freed > one.start
        ]
        assert found[resource.replace(" ", "_")] == expected


def test_a_tick_that_no_waveform_can_hold_is_refused(tmp_path):
    tick = Clock(override(load("pcm_14nm"), "tick=3 ps")).tick
    with pytest.raises(InputError, match="cannot be written as VCD"):
        vcd.write(tmp_path / "wave.vcd", [], tick, "test")


def test_a_table_has_a_row_for_each_interval(tmp_path):
    report = time_run(load("bench_usb"), Workload(layers=(4, 2), steps=3))
    intervals = table(simulate(report.clockwork.program, 3))
    csv.write(tmp_path / "table.csv", intervals)
    with (tmp_path / "table.csv").open() as file:
        rows = list(csv_module.DictReader(file))
    assert [(row["resource"], int(row["start_tick"]), int(row["end_tick"])) for row in rows] == [
        (one.resource, one.start, one.end) for one in intervals
    ]
    assert all(row["energy_aJ"] == "nan" for row in rows)  # nobody measured this bench
