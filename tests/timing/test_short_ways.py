"""Short ways of the clock are exact: passes as lumps, stretches without events, idle registers."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.errors import InputError
from neuromgd.timing import Workload, load, time_run
from neuromgd.timing.critical import critical_path
from neuromgd.timing.ledger import Costs
from neuromgd.timing.lumps import lumped
from neuromgd.timing.products import Loop, Matrix, Product, Products, Stage
from neuromgd.timing.program import Schedule
from neuromgd.timing.recursion import Recursion
from neuromgd.timing.replay import Replay
from neuromgd.timing.schedules import SCHEDULES, registers, without_training
from neuromgd.timing.sensitivity import shortened
from neuromgd.timing.traces.intervals import simulate, table
from tests.timing.strategies import TICKS, cases

ANY = st.sampled_from(sorted(SCHEDULES)).flatmap(cases)


@given(ANY, st.lists(TICKS, min_size=1, max_size=7), st.integers(1, 60))
@settings(max_examples=40)
def test_a_pass_of_few_lumps_takes_what_all_its_layers_take(recipe, layers, steps):
    case = recipe._replace(layers=layers).build()
    priced = [part._replace(energy=(("read", Fraction(n + 1)),))
              for n, part in enumerate(case.hardware.forward)]  # fmt: skip
    whole = case.hardware._replace(forward=tuple(priced))
    short = lumped(whole)
    assert len(short.forward) <= 3
    found = []
    for hardware in (whole, short):
        program = case._replace(hardware=hardware).program
        ticks, totals = Recursion(program).at(steps)
        spent = Costs(program).spend(totals, Fraction(0), Fraction(0)).by(0)
        found.append((ticks, spent.get("read")))
    assert found[0] == found[1]


@given(ANY, st.integers(1, 30))
@settings(max_examples=40)
def test_a_walk_through_a_program_tells_every_moment_of_its_events(recipe, steps):
    case = recipe.build()
    simulation, walk = simulate(case.program, steps), Replay(case.program, steps)
    moments = lambda rows: sorted((one.resource, one.part, one.step, one.start, one.end, one.freed)
                               for one in rows)  # fmt: skip
    assert moments(table(walk)) == moments(table(simulation))
    assert walk.end == simulation.end
    assert sum(critical_path(walk.finished).values()) == simulation.end


@pytest.mark.slow
@given(
    st.sampled_from(["pipelined", "inference"]).flatmap(cases),
    st.lists(TICKS, min_size=3, max_size=12),
    st.lists(st.integers(9, 200), min_size=2, max_size=3),
)
@settings(max_examples=50)
def test_registers_beyond_those_of_use_change_no_moment(recipe, layers, lengths):
    case = recipe._replace(layers=layers).build()
    passes = 2 if recipe.name == "pipelined" else 1
    each = recipe.name == "inference" or case.workload.broadcast == "timestep"
    held = 1 if each else case.workload.tau_perturbation
    hardware = case.hardware if passes == 2 else without_training(case.hardware)
    enough = registers.of_use(hardware, case.workload, passes, held)
    ends = [
        [Recursion(case._replace(schedule=case.schedule._replace(registers=kept)).program)
         .at(steps)[0] for steps in lengths]
        for kept in (min(enough, 200), 250)
    ]  # fmt: skip
    assert ends[0] == ends[1]


def test_a_million_registers_are_timed_and_too_many_under_way_are_refused():
    workload = Workload(layers=(784, 128, 64, 10), steps=10**9, tau_update=10**4)
    sheet = load("pcm_14nm")
    few, many = (time_run(sheet, workload, Schedule("pipelined", d)) for d in (64, 10**6))
    assert few.ticks == many.ticks
    assert many.clockwork.program.registers == registers.FEW
    both = Loop((Stage((Product(0),)), Stage((Product(1),))), turns=5)
    again = Products((Matrix(9, 9), Matrix(9, 9)), (both,), 9, 9, 162)
    again = Workload(network=again, steps=1000)
    assert time_run(sheet, again, Schedule("inference", 4096)).seconds
    with pytest.raises(InputError, match="registers: read 1,000,000, of which more than 4,096 may"):
        time_run(sheet, again, Schedule("inference", 10**6))
    with pytest.raises(InputError, match="registers: read 0, allowed are 1 to 1,000,000,000"):
        time_run(sheet, workload, Schedule("pipelined", 0))


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_the_clock_that_runs_again_for_every_entry_has_few_parts(name):
    report = time_run(load("rram_32nm"), Workload(layers=(9,) * 501, steps=10), name)
    program = shortened(report, report.hardware).program
    assert len(program.operations(program.due(0, program.beat))) < 20
