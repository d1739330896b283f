"""Diagnostics: each figure by its formula, and a sentence when it explains a failure."""

import jax.numpy as jnp
import msgspec
import pytest

from neuromgd.fleet.chips import make_chips
from neuromgd.fleet.observe import observed
from neuromgd.options.config import ArrayConfig, BusConfig, Config
from neuromgd.options.device import IDEAL_CELL
from neuromgd.options.read import base
from neuromgd.plan.plan import plan
from neuromgd.verdict.diagnose import as_dict, diagnose, explanations
from neuromgd.verdict.row import Row


def checks(config, delta_cost=1e-3, growth=0.5, writes=10.0, first_cost=1.0):
    todo = plan(config)
    seen = observed(todo, make_chips(config, todo))._replace(writes=writes, writes_per_cell=writes)
    return diagnose(todo, seen, [row(first_cost, delta_cost), row(first_cost * growth, delta_cost)])


def row(cost, delta_cost):
    return Row(
        window=1, step=1, epoch=1.0, cost=cost, score=0.5, cost_per_chip=[cost],
        score_per_chip=[0.5], delta_cost=delta_cost,
    )  # fmt: skip


def cell(**numbers):
    device = msgspec.structs.replace(IDEAL_CELL, **numbers)
    return msgspec.structs.replace(base(True), task="parity", chips=2, windows=10, device=device)


def test_an_ideal_chip_has_nothing_to_report_but_its_cost():
    assert as_dict(checks(cell())) == {"cost_over_first": 0.5}
    assert explanations(checks(cell())) == []


def test_a_cost_that_grows_is_explained():
    [sentence] = explanations(checks(cell(), growth=40.0))
    assert sentence.startswith("the cost ended at 40× its first value")


@pytest.mark.parametrize(
    ("schedule", "broadcast", "expected"),
    [
        ("two_pass", "perturbation", 2**0.5 / 2),
        ("two_pass", "timestep", 2**0.5),
        ("central", "perturbation", 0.5**0.5 / 2),
    ],
)
def test_cost_noise_is_held_against_the_mean_change(schedule, broadcast, expected):
    # Four timesteps share a perturbation of the parity task; σ_C equals the mean |ΔC| here.
    bus = BusConfig(cost_noise=1e-3, delta_bits=None, reference=schedule, broadcast=broadcast)
    found = checks(msgspec.structs.replace(cell(), bus=bus))
    assert found["cost_noise_over_delta_cost"].value == pytest.approx(expected, rel=1e-5)


def test_a_drowned_kick_is_told_in_plain_words():
    found = checks(cell(read_noise=4.1e-3))
    assert found["read_noise_over_perturbation"].value == pytest.approx(4.1, rel=1e-5)
    (sentence,) = explanations(found)
    assert sentence == "read noise is 4.1× the perturbation: the chip cannot see its own kicks"
    assert explanations(checks(cell(read_noise=1e-4))) == []


def test_cells_at_a_bound_are_counted():
    found = checks(cell(weight_min=-1e-6, weight_max=1e-6))
    assert found["cells_at_a_bound_share"].value == pytest.approx(1.0)
    assert checks(cell(weight_min=-9.0, weight_max=9.0))["cells_at_a_bound_share"].value == 0


@pytest.mark.slow
def test_saturated_readings_are_counted():
    tight = msgspec.structs.replace(cell(), array=ArrayConfig(adc_bits=8, adc_range=1e-6))
    assert checks(tight)["saturated_adc_share"].value == pytest.approx(1.0)
    wide = msgspec.structs.replace(cell(), array=ArrayConfig(adc_bits=8, adc_range=1e6))
    assert checks(wide)["saturated_adc_share"].value == 0


@pytest.mark.slow
def test_the_default_chip_is_in_no_trouble():
    found = checks(Config(chips=1, windows=10))
    assert explanations(found) == []
    assert all(jnp.isfinite(value) for value in as_dict(found).values())


def test_every_source_of_noise_is_held_against_the_mean_change():
    bus = BusConfig(
        cost_noise=None, cost_bits=4, cost_range=3.5, delta_bits=3, delta_range=0.06,
        broadcast_noise=2e-3, reception_noise=5e-3,
    )  # fmt: skip
    found = as_dict(checks(msgspec.structs.replace(cell(), bus=bus)))
    # Two readings, each the mean of four timesteps; codes of a converter are ±(2^(bits − 1) − 1).
    assert found["cost_step_over_delta_cost"] == pytest.approx(0.5 / 12**0.5 / 1e-3 / 2**0.5)
    assert found["delta_step_over_delta_cost"] == pytest.approx(0.02 / 12**0.5 / 1e-3)
    assert found["broadcast_noise_over_delta_cost"] == pytest.approx(2.0)
    assert found["reception_noise_over_delta_cost"] == pytest.approx(5.0)
    assert any("receivers" in line for line in explanations(checks(
        msgspec.structs.replace(cell(), bus=bus)
    )))  # fmt: skip
