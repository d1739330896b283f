"""The benchmarks measure what they say."""

import json
import re
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks.__main__ import GROUPS
from benchmarks.document import BEGIN, END, document
from benchmarks.group import Case, Comparison, Finding, Wanted, take_turns
from benchmarks.measure import Timing, Work, interleaved
from benchmarks.numpy_loop import parity
from benchmarks.plain import passes
from benchmarks.report import numbers, quantity
from neuromgd.data.sample import Sample
from neuromgd.network.mlp import MLP
from neuromgd.network.network import from_module


@pytest.mark.slow
def test_the_floor_computes_all_its_products_in_every_turn():
    network = from_module(MLP((6, 3)), (5,))
    thetas = tuple(network.initialise(jax.random.key(seed)) for seed in (0, 1))
    samples = Sample(jnp.ones((20, 5), jnp.uint8), jnp.zeros(20, jnp.int32))
    indices = jnp.zeros((7, 4), jnp.int32)
    run = jax.jit(partial(passes, network))
    program = run.lower(thetas, samples, indices, jnp.float32(1)).compile().as_text()
    products = re.findall(r" dot\(.*", program)
    assert len(products) == 4  # two layers, two passes
    assert all("while/body" in product for product in products)
    outputs = run(thetas, samples, indices, jnp.float32(1))
    assert [output.shape for output in outputs] == [(7, 4, 3)] * 2
    assert not np.allclose(*outputs)


def test_cases_take_turns_after_one_run_that_does_not_count():
    turns = []
    works = {name: Work(partial(turns.append, name), units=2) for name in "ab"}
    timings = interleaved(works, rounds=3)
    assert "".join(turns) == "ab" + "ababab"
    assert all(timing.seconds.shape == (3,) for timing in timings.values())


def test_a_ratio_is_taken_within_rounds():
    slow, fast = (Timing(np.array(seconds), 0, 0) for seconds in ([2, 20, 8], [1, 10, 2]))
    assert slow.over(fast) == 2  # not 8 / 2, the ratio of the medians
    assert slow.median == 8


def test_others_are_held_to_the_first_case_even_where_it_is_not_asked_for():
    cases = {
        name: Case(name, lambda windows: Work(lambda: windows, 1), 10, at_most=1e9)
        for name in ("floor", "one", "two")
    }
    wanted = Wanted(frozenset({"two"}), 1, 0.01)
    outcome = take_turns(wanted, "window", cases, (Comparison("one", "two"),))
    assert list(outcome.timings) == ["floor", "two"]
    assert [found.name for found in outcome.findings] == ["two / floor"]
    assert outcome.findings[0].is_met


@pytest.mark.parametrize(
    ("finding", "is_met"),
    [
        (Finding("", 2.0, at_most=2), True),
        (Finding("", 2.1, at_most=2), False),
        (Finding("", 2.0, at_least=2), True),
        (Finding("", 1.9, at_least=2), False),
        (Finding("", 1.9), True),
    ],
)
def test_a_bound_is_met_or_missed(finding, is_met):
    assert finding.is_met == is_met


@pytest.mark.slow
def test_the_numpy_loop_descends():
    # What is compared with must do the work: the first weights are far from a solution.
    run = parity(windows=20_000, hold=4).run
    before, after = run(), run()
    assert after < before


@pytest.mark.slow
def test_what_was_measured_is_written_between_the_marks_and_kept(tmp_path):
    (tmp_path / "figures").mkdir()
    page = tmp_path / "performance.md"
    page.write_text(f"above\n{BEGIN}old{END}\nbelow\n")
    for group in ("network", "parity"):
        cases = {"floor": Case("bare", lambda windows: Work(lambda: None, 1), 1)}
        cases["ideal"] = cases["floor"]._replace(at_most=2.0)
        outcome = take_turns(Wanted(frozenset(), 2, 1.0), "window", cases)
        document(numbers({group: outcome}), tmp_path)
    text = page.read_text()
    assert text.startswith("above\n")
    assert text.endswith("\nbelow\n")
    assert "old" not in text
    assert text.count("ideal / floor") == 2  # the first group is still there
    assert set(json.loads((tmp_path / "performance.json").read_text())["groups"]) <= set(GROUPS)
    assert (tmp_path / "figures" / "performance.png").stat().st_size > 10_000


def test_durations_are_told_in_the_unit_that_suits_them():
    assert [quantity(seconds) for seconds in (2, 0.05, 3e-6, 4e-8)] == [
        "2 s", "50 ms", "3 µs", "40 ns",
    ]  # fmt: skip
