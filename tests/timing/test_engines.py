"""Three engines, one time: closed forms, (max,+) recursion and SimPy agree to the tick."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.timing import SCHEDULES, Workload
from neuromgd.timing.events import Simulation
from neuromgd.timing.leap import NotPeriodicError, Sum
from neuromgd.timing.program import Schedule
from neuromgd.timing.recursion import Recursion
from tests.oracles.chips import lockstep_of
from tests.oracles.closed import CLOSED, lockstep
from tests.timing.strategies import Recipe, cases, contended, long_windows

every_schedule = pytest.mark.parametrize("name", SCHEDULES)
with_a_form = pytest.mark.parametrize("name", CLOSED)


def nonzero(amounts):
    return {name: amount for name, amount in amounts.items() if amount}


def assert_same(simulation, ticks, totals):
    assert simulation.end == ticks
    assert simulation.totals.beats == totals.beats
    assert nonzero(simulation.totals.blocked) == nonzero(totals.blocked)
    assert nonzero(simulation.totals.queued) == nonzero(totals.queued)


def check_engines(recipe, steps):
    case = recipe.build()
    simulation = Simulation(case.program)
    simulation.brute_force(steps)
    assert_same(simulation, *Recursion(case.program).at(steps))


@st.composite
def with_closed_form(draw, name):
    """Draws where the closed form of a schedule holds, with a length of run."""
    if name == "prefetch":
        recipe = draw(cases(name, long_samples=True))
        return recipe, draw(st.integers(1, 3)) * recipe.workload["tau_sample"]
    if name == "pipelined":
        recipe = draw(cases(name, with_load=False, drained=True))
        window = recipe.workload["tau_update"]
        workload = {**recipe.workload, "tau_perturbation": 1, "tau_update": window}
        return recipe._replace(workload=workload), draw(st.integers(1, 15))
    return draw(cases(name)), draw(st.integers(1, 15))


def check_closed(recipe, steps):
    case = recipe.build()
    expected = CLOSED[recipe.name](case.hardware, case.workload, case.schedule, steps)
    assert expected is not None
    assert Simulation(case.program).brute_force(steps) == expected
    assert Recursion(case.program).at(steps)[0] == expected


@every_schedule
@given(data=st.data())
@settings(max_examples=15)
def test_recursion_equals_simpy(name, data):
    check_engines(data.draw(cases(name)), data.draw(st.integers(1, 15)))


@with_a_form
@given(data=st.data())
@settings(max_examples=20)
def test_closed_form_equals_both_engines(name, data):
    check_closed(*data.draw(with_closed_form(name)))


@pytest.mark.slow
@every_schedule
@given(data=st.data())
@settings(max_examples=1000)
def test_recursion_equals_simpy_in_a_thousand_draws(name, data):
    check_engines(data.draw(cases(name)), data.draw(st.integers(1, 100)))


@pytest.mark.slow
@with_a_form
@given(data=st.data())
@settings(max_examples=1000)
def test_closed_form_equals_both_engines_in_a_thousand_draws(name, data):
    check_closed(*data.draw(with_closed_form(name)))


@given(data=st.data())
@settings(max_examples=20)
def test_chips_of_different_speed_wait_for_the_slowest(data):
    recipe = data.draw(cases("lockstep", at_hub=False))
    other = data.draw(cases("two_pass"))
    steps = data.draw(st.integers(1, 20))
    case = recipe.build()
    chips = (case.hardware, case.hardware._replace(forward=other.build().hardware.forward))
    program = lockstep_of(chips, case.workload)
    assert Simulation(program).brute_force(steps) == lockstep(chips, case.workload, steps)


@given(data=st.data())
@settings(max_examples=30)
def test_one_chip_stands_for_all_of_a_lockstep(data):
    recipe = data.draw(cases("lockstep"))
    steps = data.draw(st.integers(1, 12))
    case = recipe.build()
    every = lockstep_of((case.hardware,) * case.workload.chips, case.workload)
    assert Recursion(case.program).at(steps)[0] == Simulation(every).brute_force(steps)


def brute_force(recursion, steps):
    """Runs every beat, without a leap."""
    total, machine, program = Sum(recursion.machine.start), recursion.machine, recursion.program
    for n in range(0, steps, program.beat):
        kind = machine.kind(program.due(n, min(program.beat, steps - n)))
        total.add(machine.beat(kind, total.state))
    total.add(machine.finish(total.state))
    return total.ticks, machine.totals(total.gains)


def check_extrapolation(recipe):
    recursion = Recursion(recipe.build().program)
    assert recursion.at(5000) == brute_force(recursion, 5000)


@every_schedule
@given(data=st.data())
@settings(max_examples=1)
def test_extrapolation_equals_brute_force_at_5000(name, data):
    check_extrapolation(data.draw(cases(name)))


@pytest.mark.slow
@every_schedule
@given(data=st.data())
@settings(max_examples=200)
def test_extrapolation_equals_brute_force_at_5000_on_200_platforms(name, data):
    check_extrapolation(data.draw(cases(name)))


def check_arbitrated(recipe, steps):
    case = recipe.build()
    simulation = Simulation(case.program, keep=False)
    simulation.brute_force(steps)
    assert_same(simulation, *Recursion(case.program).at(steps))


@given(recipe=contended())
@settings(max_examples=8)
def test_extrapolation_with_arbitration_equals_brute_force(recipe):
    check_arbitrated(recipe, 150)


@pytest.mark.slow
@given(recipe=contended())
@settings(max_examples=200)
def test_extrapolation_with_arbitration_equals_brute_force_at_5000(recipe):
    check_arbitrated(recipe, 5000)


def check_long_window(recipe, data):
    window = recipe.workload["tau_update"]
    check_arbitrated(recipe, data.draw(st.integers(1, 2 * window + 3)))


@given(recipe=long_windows(100), data=st.data())
@settings(max_examples=15)
def test_long_windows_with_arbitration_equal_brute_force(recipe, data):
    check_long_window(recipe, data)


@pytest.mark.slow
@given(recipe=long_windows(20_000), data=st.data())
@settings(max_examples=200)
def test_windows_up_to_20_000_with_arbitration_equal_brute_force(recipe, data):
    check_long_window(recipe, data)


@pytest.mark.parametrize("name", ["prefetch", "pipelined"])
def test_a_sample_of_ten_million_timesteps_is_timed_where_all_is_in_order(name):
    ticks = {"cost": 7, "subtract": 1, "broadcast": 9, "accumulate": 2, "load": 31, "write": 40}
    times = {}
    for sample in (300, 350, 10**7):
        workload = {"layers": (3, 2), "steps": 1, "tau_update": sample, "tau_sample": sample}
        case = Recipe(name, [20, 30], ticks, 1, False, workload).build()
        recursion = Recursion(case.program)
        assert case.program.is_ordered
        times[sample] = recursion.at(2 * sample)[0] - 2 * recursion.at(sample)[0]
        if sample < 10**4:
            assert recursion.at(2 * sample + 7)[0] == Simulation(case.program).brute_force(
                2 * sample + 7
            )
    assert len(set(times.values())) == 1


@pytest.mark.parametrize("name", ["prefetch", "pipelined"])
@pytest.mark.parametrize("sample", [1, 10**7])
def test_the_cost_of_a_contested_run_does_not_grow_with_the_window(name, sample):
    """As many beats are worked out for windows of ten million timesteps as of ten thousand."""
    ticks = {"cost": 7, "subtract": 1, "broadcast": 9, "accumulate": 2, "load": 31, "write": 40}
    worked_out = []
    for window in (10**4, 10**7):
        workload = {
            "layers": (3, 2), "steps": 1, "tau_update": window, "tau_sample": min(sample, window)
        }  # fmt: skip
        recipe = Recipe(name, [20, 30], ticks, 1, False, workload)
        case = recipe._replace(rule="fifo", on_link=("load", "cost", "broadcast")).build()
        recursion = Recursion(case.program)
        assert not case.program.is_ordered
        recursion.at(10**9 + 17)
        worked_out.append(len(recursion.leaps))
    assert worked_out[1] <= worked_out[0] + 20


@pytest.mark.parametrize("name", ["two_pass", "reuse", "central", "lockstep"])
def test_arbitration_where_nothing_ever_meets_is_left_out(name):
    ticks = {"cost": 7, "subtract": 1, "broadcast": 9, "accumulate": 2, "load": 3}
    recipe = Recipe(name, [20, 30], ticks, 1, False, {"layers": (3, 2), "steps": 1})
    assert recipe._replace(rule="fifo", on_link=("load", "cost")).build().program.is_ordered


def test_a_resource_of_one_part_serves_in_program_order():
    ticks = {"cost": 7, "subtract": 1, "broadcast": 9, "accumulate": 2, "load": 3}
    recipe = Recipe("prefetch", [20, 30], ticks, 1, False, {"layers": (3, 2), "steps": 1})
    assert recipe._replace(rule="fifo", on_link=("load",)).build().program.is_ordered


def test_holds_that_share_no_divisor_cost_no_more_than_their_changes():
    workload = {
        "layers": (3, 2), "steps": 1, "tau_sample": 5**4, "tau_perturbation": 2**4,
        "tau_update": 10**4,
    }  # fmt: skip
    ticks = {"cost": 7, "subtract": 1, "broadcast": 9, "accumulate": 2, "load": 3}
    recursion = Recursion(Recipe("two_pass", [20], ticks, 1, False, workload).build().program)
    assert recursion.at(10**4 + 77) == brute_force(recursion, 10**4 + 77)
    assert len(recursion.leaps) < 20


@given(recipe=contended())
@settings(max_examples=15)
def test_a_shared_resource_may_also_serve_in_program_order(recipe):
    check_engines(recipe._replace(rule=None), 30)


@given(recipe=cases("pipelined"))
@settings(max_examples=50)
def test_the_last_of_a_trillion_timesteps_takes_as_long_as_an_early_one(recipe):
    recursion = Recursion(recipe.build().program)
    period = recursion.program.periods[-1]
    far = 10**12 // period * period

    def hundred_and_twenty_periods_from(start):
        return recursion.at(start + 120 * period)[0] - recursion.at(start)[0]

    assert hundred_and_twenty_periods_from(far) == hundred_and_twenty_periods_from(1200 * period)


def slow_writer(writes):
    """A chip whose write takes longer than the window that it must keep up with."""
    ticks = {name: 5 for name in ("subtract", "broadcast", "accumulate", "cost", "perturb")}
    workload = {"layers": (3, 2), "steps": 1, "tau_update": 4}
    recipe = Recipe("pipelined", [20, 30], {**ticks, "write": 10**6}, 1, False, workload)
    return recipe._replace(registers=2, writes=writes).build().program


def test_a_backlog_without_limit_is_named_and_not_timed():
    with pytest.raises(NotPeriodicError, match="backlog of 'write' grows without limit"):
        Recursion(slow_writer("unbounded")).at(10**9)


def test_a_cause_that_is_not_proven_is_not_named():
    program = slow_writer("unbounded")._replace(arbitration={"layer 1": "fifo"})
    recursion = Recursion(program)
    recursion.machine.cap = 60
    with pytest.raises(NotPeriodicError, match=r"not periodic within \d+ timesteps, so no run"):
        recursion.at(10**9)


def test_with_one_pending_write_the_slow_writer_sets_the_pace():
    windows = 10**9 // 4
    assert Recursion(slow_writer("behind")).at(10**9)[0] == pytest.approx(windows * 10**6, rel=1e-6)


@every_schedule
@given(data=st.data())
@settings(max_examples=15)
def test_a_slower_part_never_makes_a_run_of_fixed_order_faster(name, data):
    recipe, steps = data.draw(cases(name)), data.draw(st.integers(1, 60))
    part = data.draw(st.sampled_from([name for name, t in recipe.ticks.items() if t is not None]))
    more = data.draw(st.integers(1, 50))
    slower = recipe._replace(ticks={**recipe.ticks, part: recipe.ticks[part] + more})
    slower_layer = recipe._replace(layers=[recipe.layers[0] + more, *recipe.layers[1:]])
    before = Recursion(recipe.build().program).at(steps)[0]
    assert Recursion(slower.build().program).at(steps)[0] >= before
    assert Recursion(slower_layer.build().program).at(steps)[0] >= before


def test_a_second_register_halves_the_timestep_of_the_worked_example():
    ticks = {"cost": 3, "subtract": 1, "broadcast": 5, "accumulate": 1, "perturb": 1, "write": 10}
    workload = {"layers": (3, 2), "steps": 1, "tau_update": 1000}
    per_step = {}
    for registers in (1, 2, 4):
        recipe = Recipe("pipelined", [100, 100, 100], ticks, 1, False, workload, registers)
        per_step[registers] = Recursion(recipe.build().program).at(10**6)[0] / 10**6
    assert per_step == pytest.approx({1: 411, 2: 205.7, 4: 200.2}, rel=2e-4)


def test_schedule_and_workload_are_plain_values():
    assert Schedule("reuse") == Schedule(name="reuse")
    assert Workload(layers=(2, 1), steps=3).synapses == 3
