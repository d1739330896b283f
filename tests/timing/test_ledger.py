"""Ledgers close: every tick of every resource, every joule of every phase."""

import itertools
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.sheets.platform import build, load, override
from neuromgd.timing import SCHEDULES, Schedule, Workload, time_run
from neuromgd.timing.critical import critical_path
from neuromgd.timing.facts import as_dict
from neuromgd.timing.ledger import Costs
from neuromgd.timing.recursion import Recursion
from neuromgd.timing.sensitivity import elasticities, interval, together
from neuromgd.timing.traces.intervals import simulate, table
from tests.timing.strategies import cases, contended

LAYERS = (784, 128, 10)


def gaps(intervals, end):
    """Adds up the time in which a resource has nothing, walking over its intervals."""
    now, idle = 0, 0
    for one in sorted(intervals, key=lambda one: (one.start, one.end)):
        idle += one.start - now
        now = one.freed
    return idle + end - now


@pytest.mark.parametrize("name", SCHEDULES)
@given(data=st.data())
@settings(max_examples=25)
def test_busy_blocked_and_idle_are_the_whole_run(name, data):
    program = data.draw(cases(name)).build().program
    steps = data.draw(st.integers(1, 12))
    ticks, totals = Recursion(program).at(steps)
    simulation = simulate(program, steps)
    intervals = table(simulation)
    for resource, line in Costs(program).lines(ticks, totals).items():
        own = [one for one in intervals if one.resource == resource]
        assert line.busy == sum(one.end - one.start for one in own)
        assert line.blocked == sum(one.freed - one.end for one in own)
        assert line.idle == gaps(own, ticks)
        assert line.busy + line.blocked + line.idle == ticks


@given(recipe=contended())
@settings(max_examples=20)
def test_a_resource_never_serves_two_at_once(recipe):
    intervals = table(simulate(recipe.build().program, 10))
    for resource in {one.resource for one in intervals}:
        own = [one for one in intervals if one.resource == resource and one.freed > one.start]
        for one, following in itertools.pairwise(own):
            assert one.freed <= following.start


@given(recipe=cases("pipelined") | contended())
@settings(max_examples=40)
def test_the_critical_path_is_as_long_as_the_run(recipe):
    simulation = simulate(recipe.build().program, 12)
    assert sum(critical_path(simulation.finished).values()) == simulation.end


@pytest.mark.parametrize(
    "schedule", [name for name, order in SCHEDULES.items() if order.needs_forward]
)
def test_the_energy_of_a_run_is_the_sum_over_its_phases(schedule):
    order = SCHEDULES[schedule]
    simple = order.takes_chips or not order.has_switch
    platform = load("rram_32nm" if simple else "photonic_electro")
    chips = 3 if order.takes_chips else 1
    workload = Workload(layers=LAYERS, steps=37, tau_update=4, tau_perturbation=2, chips=chips)
    report = time_run(platform, workload, schedule)
    intervals = table(simulate(report.clockwork.program, 37))
    assert report.energy.total == sum((one.joules for one in intervals), Fraction(0))
    for which in (0, 1):
        assert sum(report.energy.by(which).values()) == report.energy.total
    causes = {one.cause for one in intervals if one.joules}
    assert causes == {cause for cause, joules in report.energy.by(1).items() if joules}


def test_static_power_burns_all_the_time():
    platform = load("bench_photonic")
    report = time_run(platform, Workload(layers=(2, 1), steps=100, tau_update=100))
    static = report.energy.by(1)["static"]
    assert static == Fraction(274, 10_000) * report.ticks * report.tick


def test_an_unknown_energy_leaves_the_time_and_names_what_is_missing():
    report = time_run(load("bench_usb"), Workload(layers=LAYERS, steps=10))
    assert report.joules is None
    assert report.at(5)[1] is None
    assert "energies.host" in report.missing
    platform = load("bench_usb")
    for name in report.missing:
        platform = override(platform, f"{name}=1 mJ")
    assert time_run(platform, Workload(layers=LAYERS, steps=10)).joules == pytest.approx(0.09)


def test_a_converter_source_is_a_choice_and_changes_the_energy_alone():
    workload = Workload(layers=LAYERS, steps=10)
    platform = load("rram_32nm")
    reports = {
        name: time_run(override(platform, f"adc={name}"), workload) for name in platform.adcs
    }
    assert len({report.ticks for report in reports.values()}) == 1
    conversions = 28_992  # 7 x 128 x 4 x 8 + 40 x 8, by hand
    for name, report in reports.items():
        joules = platform.adcs[name].exact()
        assert report.energy.by(0)["convert"] == joules * conversions * 2 * 10


def test_cooling_multiplies_every_dynamic_energy():
    platform = load("sfq_50ghz")
    warm = msgspec.structs.replace(platform, factors={})
    workload = Workload(layers=LAYERS, steps=10)
    cold, bare = time_run(platform, workload).joules, time_run(warm, workload).joules
    assert cold == pytest.approx(300 * bare)


@pytest.mark.parametrize("schedule", ["two_pass", "reuse", "central"])
def test_elasticities_of_a_run_without_overlap_add_to_one(schedule):
    workload = Workload(layers=LAYERS, steps=1000, tau_update=10)
    report = time_run(load("pcm_14nm"), workload, schedule)
    found = elasticities(report).values()
    assert sum(one.slower for one in found) == pytest.approx(1, abs=1e-6)
    assert sum(one.faster for one in found) == pytest.approx(1, abs=1e-6)


def test_an_elasticity_is_what_a_rerun_says():
    workload = Workload(layers=LAYERS, steps=1000, tau_update=10)
    platform = load("pcm_14nm")
    report = time_run(platform, workload)
    longer = time_run(override(platform, "times.write=131.3 ns"), workload)
    share = (longer.ticks - report.ticks) / report.ticks / 0.01
    assert elasticities(report)["write"].slower == pytest.approx(share, rel=1e-6)


def test_a_tie_is_told_with_the_pair_that_must_change_together():
    """On this sheet 128 conversions take exactly as long as a read, in the first layer."""
    workload = Workload(layers=LAYERS, steps=1000, tau_update=100)
    platform = load("rram_32nm")
    report = time_run(platform, workload)
    found = elasticities(report)
    assert {name for name, one in found.items() if one.is_tie} == {"read", "convert"}
    (tie,) = together(report, found)
    assert set(tie.entries) == {"read", "convert"}
    faster = override(override(platform, "times.read=99 ns"), "times.convert=0.7734375 ns")
    share = (report.ticks - time_run(faster, workload).ticks) / report.ticks / 0.01
    assert tie.faster == pytest.approx(share, rel=1e-3)
    assert tie.alone == pytest.approx(found["read"].faster + found["convert"].faster)
    assert tie.faster > tie.alone + 0.1


@pytest.mark.parametrize("name", ["read", "convert"])
@pytest.mark.parametrize(("side", "sign"), [("slower", 1), ("faster", -1)])
def test_each_side_of_a_tie_is_what_a_rerun_says(name, side, sign):
    workload = Workload(layers=LAYERS, steps=1000, tau_update=100)
    platform = load("rram_32nm")
    report = time_run(platform, workload)
    entry = float(platform.times[name].exact()) * (1 + sign * 0.01)
    changed = time_run(override(platform, f"times.{name}={entry * 1e9:.9g} ns"), workload)
    share = (changed.ticks - report.ticks) / report.ticks / (sign * 0.01)
    assert getattr(elasticities(report)[name], side) == pytest.approx(share, rel=1e-4)


def test_the_interval_holds_the_run_and_widens_with_a_range():
    report = time_run(load("rram_32nm"), Workload(layers=LAYERS, steps=1000))
    ends = interval(report)
    assert ends.seconds[0] < report.seconds < ends.seconds[1]
    assert ends.joules[0] < report.joules < ends.joules[1]


def test_random_writes_give_a_mean_and_an_interval_and_never_an_exact_time():
    workload = Workload(layers=LAYERS, steps=1000, tau_update=10)
    platform = load("memristor_130nm_verified")
    report = time_run(platform, workload)
    facts = as_dict(report)
    assert not facts["is_exact"]
    low, high = facts["seconds_95_percent"]
    assert low < facts["seconds"] < high
    more = time_run(platform, Workload(layers=LAYERS, steps=4000, tau_update=10))
    assert more.deviation == pytest.approx(2 * report.deviation)


def test_random_times_are_refused_where_they_do_not_add():
    from neuromgd.errors import InputError

    with pytest.raises(InputError, match="random; allowed are two_pass, reuse, central"):
        time_run(load("memristor_130nm_verified"), Workload(layers=LAYERS, steps=9), "pipelined")


def jittery(**deviations):
    platform = load("bench_pcie")
    times = {
        name: msgspec.structs.replace(entry, deviation=deviations.get(name))
        for name, entry in platform.times.items()
    }
    return msgspec.structs.replace(platform, times=times)


def test_jitter_of_a_link_adds_its_variance_at_every_use():
    report = time_run(jittery(receive=0.1), Workload(layers=LAYERS, steps=50))
    assert report.deviation == pytest.approx((2 * 50) ** 0.5 * 0.1e-6)
    assert report.ticks == time_run(load("bench_pcie"), Workload(layers=LAYERS, steps=50)).ticks


@pytest.mark.parametrize(
    ("topology", "times", "wire_mm"),
    [
        ("htree", {"wire": "1 ns", "repeater": "0.1 ns"}, 1.5 * 3.31 * 511),
        ("bus", {"wire": "1 ns"}, 3.31 * 332),
    ],
)
def test_a_broadcast_is_charged_for_all_its_wire_and_bits(topology, times, wire_mm):
    data = msgspec.to_builtins(load("pcm_14nm"))
    quantity = {"basis": "assumed", "source": "test", "spans": "test"}
    del data["times"]["broadcast"], data["energies"]["broadcast"]
    for name, text in times.items():
        value, unit = text.split()
        data["times"][name] = {"value": float(value), "unit": unit, **quantity}
    data["energies"]["wire"] = {"value": 0.05, "unit": "pJ", **quantity}
    pitch = {"value": 10, "unit": "um", **quantity}
    data["broadcast"] = {
        "topology": topology, "word_bits": 8, "basis": "assumed", "source": "test", "pitch": pitch
    }  # fmt: skip
    platform = build(Path("test.toml"), data)
    report = time_run(platform, Workload(layers=(784, 128, 64, 10), steps=1))
    assert float(report.energy.by(0)["wire"]) == pytest.approx(wire_mm * 8 * 0.05e-12)


def test_parts_may_share_a_resource_and_then_queue_for_it():
    data = msgspec.to_builtins(load("rram_32nm"))
    workload = Workload(layers=LAYERS, steps=10**6, tau_update=4)
    alone = time_run(load("rram_32nm"), workload, "prefetch")
    ticks = {}
    for rule in ("fixed", "fifo", "priority"):
        data["shared"] = [{"name": "port", "members": ["load", "cost"], "arbitration": rule}]
        report = time_run(build(Path("test.toml"), data), workload, "prefetch")
        ticks[rule] = report.ticks
        line = report.ledger["port"]
        assert line.busy + line.blocked + line.idle == report.ticks
    assert alone.ticks <= ticks["fifo"] < ticks["fixed"]
    assert alone.ticks <= ticks["priority"] < ticks["fixed"]


@pytest.mark.parametrize("schedule", ["two_pass", "pipelined", "prefetch"])
def test_intermediate_times_are_those_of_shorter_runs(schedule):
    platform = load("rram_32nm")
    report = time_run(platform, Workload(layers=LAYERS, steps=10**9, tau_update=128), schedule)
    for steps in (1, 127, 128, 129, 10**6 + 77):
        workload = Workload(layers=LAYERS, steps=steps, tau_update=128)
        shorter = time_run(platform, workload, Schedule(schedule))
        assert report.at(steps) == (shorter.seconds, shorter.joules)
    assert report.at(10**9) == (report.seconds, report.joules)
