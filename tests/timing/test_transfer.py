"""Two cells a weight on the clock: readings and writes of a transfer, counted by hand."""

import dataclasses
from fractions import Fraction

import pytest

from neuromgd.errors import InputError
from neuromgd.sheets.library import names
from neuromgd.sheets.platform import load
from neuromgd.sheets.platform_schema import Write
from neuromgd.timing import Workload, time_run
from neuromgd.timing.clock import Clock
from neuromgd.timing.clockwork import Clockwork
from neuromgd.timing.events import Simulation
from neuromgd.timing.layer import tilings_of
from neuromgd.timing.program import Schedule
from neuromgd.timing.transferring import row_readings, transfer_pulses

WITHOUT = Workload(layers=(300, 40, 10), steps=44, tau_update=4)
WITH = dataclasses.replace(WITHOUT, transfer_every=3, transfer_reads=3)
TWO_PASS = Schedule("two_pass")


@pytest.mark.parametrize(
    ("schedule", "name", "chips"),
    [
        ("two_pass", "memristor_130nm", 1), ("reuse", "memristor_130nm", 1),
        ("central", "memristor_130nm", 1), ("lockstep", "rram_32nm", 2),
    ],
)  # fmt: skip
def test_every_third_window_ends_with_one(schedule, name, chips):
    reports = [
        time_run(load(name), dataclasses.replace(one, chips=chips), schedule)
        for one in (WITH, WITHOUT)
    ]
    transfer = reports[0].hardware.transfer
    assert reports[0].ticks - reports[1].ticks == 3 * transfer.ticks > 0
    simulation = Simulation(reports[0].clockwork.program)
    assert simulation.brute_force(44) == reports[0].ticks
    assert reports[0].energy.by(1)["transfer"] == 3 * chips * sum(
        joules for _, joules in transfer.energy
    )


def test_a_transfer_reads_rows_and_writes_both_cells():
    platform = load("memristor_130nm")
    clock, rows = Clock(platform), 7
    workload = dataclasses.replace(WITH, transfer_rows=rows)
    tilings = tilings_of(platform.array, workload)
    told = row_readings(platform, clock, tilings, rows)
    whole = row_readings(platform, clock, tilings, None)
    fullest = max(tiling.rows for tiling in tilings)
    assert told.ticks * fullest == whole.ticks * rows
    # 300 rows in turns of 7 are 43 turns, 40 rows 6; whatever is driven, by the row.
    share = {300: Fraction(300, 43), 40: Fraction(40, 6)}
    one = row_readings(platform, clock, tilings[:1], None)
    for (name, some), (_, all_rows) in zip(
        row_readings(platform, clock, tilings[:1], rows).counts, one.counts, strict=True
    ):
        assert some == all_rows * share[300] / 300, name
    write = Write(mode="row_parallel", pulses=2, basis="assumed", source="test")
    count = transfer_pulses(write, tilings, workload)
    cells = sum(tiling.cells * share[tiling.inputs] / tiling.inputs for tiling in tilings)
    assert (count.mean, count.energy) == (2 * rows * 2, 2 * cells * 2)


@pytest.mark.parametrize("name", names("platforms"))
def test_every_platform_tells_it(name):
    platform = load(name)
    schedule = "paper_clock" if set(platform.times) == {"paper_clock"} else "two_pass"
    try:
        plain = time_run(platform, WITHOUT, schedule)
    except InputError:
        pytest.skip("does not carry the network")
    report = time_run(platform, WITH, schedule)
    more = report.ticks - plain.ticks
    assert more == 0 if schedule == "paper_clock" else more > 0
    assert (report.joules is None) == (plain.joules is None)


@pytest.mark.parametrize("name", ["pipelined", "prefetch", "analog"])
def test_other_schedules_refuse_it(name):
    with pytest.raises(InputError, match=r"one cell a weight; allowed are .*two_pass"):
        time_run(load("memristor_130nm"), WITH, name)


def test_random_writes_of_a_transfer_vary_the_time():
    platform = load("memristor_130nm_verified")
    reports = [time_run(platform, one, TWO_PASS) for one in (WITH, WITHOUT)]
    # Three transfers write twice what eleven windows write once.
    assert reports[0].deviation ** 2 == pytest.approx(reports[1].deviation ** 2 * (11 + 6) / 11)
    assert isinstance(reports[0].clockwork, Clockwork)
