"""Every timing schedule keeps its word: what it says of itself is what its program does."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.errors import InputError
from neuromgd.names import REFERENCES, TIMING_SCHEDULES
from neuromgd.timing import SCHEDULES, Schedule
from neuromgd.timing.schedules import order_of, program
from neuromgd.timing.traces.intervals import simulate, table
from tests.timing.strategies import cases

every_schedule = pytest.mark.parametrize("name", SCHEDULES)


def test_every_reference_of_the_cost_can_be_timed():
    assert set(REFERENCES) <= set(TIMING_SCHEDULES)


@every_schedule
@given(data=st.data())
@settings(max_examples=25)
def test_it_runs_as_many_passes_as_it_says(name, data):
    recipe, steps = data.draw(cases(name)), data.draw(st.integers(1, 25))
    case = recipe.build()
    rows = table(simulate(case.program, steps))
    first = case.hardware.forward[0].name if SCHEDULES[name].needs_forward else "perturbation"
    passes = sum(one.part == first for one in rows)
    assert passes == SCHEDULES[name].passes(case.workload, steps)


@every_schedule
@given(data=st.data())
@settings(max_examples=25)
def test_a_serial_one_never_overlaps_and_never_waits(name, data):
    rows = table(simulate(data.draw(cases(name)).build().program, data.draw(st.integers(1, 12))))
    if SCHEDULES[name].is_serial:
        assert all(one.start == one.ready for one in rows)
        rows = sorted(rows, key=lambda one: (one.start, one.end))
        assert all(one.end <= other.start for one, other in pairwise(rows))


@every_schedule
@given(data=st.data())
@settings(max_examples=10)
def test_what_it_does_not_take_is_refused(name, data):
    order, recipe = SCHEDULES[name], data.draw(cases(name))
    case = recipe.build()
    refused = []
    if not order.has_blocks:
        blocks = {**recipe.workload, "pass_order": "block", "tau_sample": 1}
        refused.append(recipe._replace(workload=blocks).build())
    if not order.takes_chips:
        refused.append(recipe._replace(workload={**recipe.workload, "chips": 2}).build())
    if not order.has_switch:
        refused.append(recipe._replace(ticks={**recipe.ticks, "switch": 3}).build())
    if order.needs_forward:
        refused.append(case._replace(hardware=case.hardware._replace(forward=())))
    if not order.is_serial:
        random = case.hardware._replace(variance={case.hardware.forward[0].name: 1})
        refused.append(case._replace(hardware=random))
    if "registers" not in order.settings:
        refused.append(case._replace(schedule=Schedule(name, registers=3)))
    for one in refused:
        with pytest.raises(InputError, match=r"allowed|does not go by it"):
            program(one.hardware, one.workload, one.schedule)


def test_an_unknown_one_is_refused_by_name():
    with pytest.raises(InputError, match="schedule: read 'magic', allowed are paper_clock, "):
        order_of(Schedule("magic"))
