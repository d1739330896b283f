"""Causes that a diagnosis names: nothing heard, requests by rule, first weights, a pull aside."""

import math

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import optax
import pytest
from scipy.stats import norm

from neuromgd.device.cell import store
from neuromgd.device.write import write, write_noises
from neuromgd.errors import RoundingWarning
from neuromgd.fleet.engine import Observed
from neuromgd.options.config import BusConfig, Config, LearningConfig
from neuromgd.options.device import IDEAL_CELL
from neuromgd.options.read import base
from neuromgd.plan.plan import NO_PARTS, Parts, plan
from neuromgd.study.train import train
from neuromgd.verdict.diagnose import diagnose, explanations
from neuromgd.verdict.diagnose_pull import signal_share
from neuromgd.verdict.local_memory import local_memory
from neuromgd.verdict.requests import effective_rate, sound_delta_cost
from neuromgd.verdict.row import Row
from neuromgd.verdict.steps import steps_of

SEEN = Observed(synapses=4810, writes=48.1e5, writes_per_cell=1000.0)


def cell(task="digits", **numbers):
    device = msgspec.structs.replace(IDEAL_CELL, **numbers)
    return msgspec.structs.replace(base(True), task=task, chips=1, windows=2000, device=device)


def pulsed(**numbers):
    step = {"law": "linear", "update_step": 1e-3, "weight_min": -1.0, "weight_max": 1.0}
    return cell(**step | numbers)


def row(delta_cost, cost=1.0):
    return Row(1, 1, 1.0, cost, 0.5, [cost], [0.5], delta_cost)


def checks(config, seen=SEEN, delta_cost=1e-3, parts=NO_PARTS, rows=None):
    return diagnose(plan(config, parts), seen, rows or [row(delta_cost)])


def heard(bits=None, delta_range=None, deadband=None):
    bus = BusConfig(cost_noise=None, delta_bits=bits, delta_range=delta_range, deadband=deadband)
    return msgspec.structs.replace(cell(), bus=bus)


def test_a_chip_that_hears_nothing_is_told_so_before_all_else():
    # Half a code of the only step is five times the mean |ΔC|, so 1 in 16,000 is heard.
    noisy = msgspec.structs.replace(heard(2, 1e-2).bus, broadcast_noise=1.0)
    found = checks(msgspec.structs.replace(heard(), bus=noisy))
    share = found["delta_cost_unheard_share"].value
    assert share == pytest.approx(2 * norm.cdf(5 / math.sqrt(math.pi / 2)) - 1, rel=1e-5)
    assert explanations(found)[0].startswith("the chip heard nothing: ΔC is under half a code")
    assert len(explanations(found)) > 1
    # A ΔC that was loud once was heard.
    quiet = checks(heard(2, 1e-2), rows=[row(1e-2), row(1e-3)])
    assert explanations(quiet) != [] or quiet["delta_cost_unheard_share"].value < 0.5
    deaf = checks(heard(deadband=1.0))
    assert explanations(deaf)[0].startswith("the chip heard nothing: ΔC stays within the deadband")
    still = checks(heard(), delta_cost=0.0)
    assert "does not change when weights are kicked" in explanations(still)[0]
    assert "delta_cost_unheard_share" not in checks(heard(1, 1e-2)), "a sign has no smallest step"


def test_cells_that_were_never_written_are_told_before_all_else():
    found = checks(cell(), seen=SEEN._replace(writes=0.0, writes_per_cell=0.0))
    assert explanations(found)[0].startswith("no cell was ever written")


def test_requests_that_are_too_small_are_told_unless_they_are_kept():
    few = SEEN._replace(writes_per_cell=4.0)
    coarse = pulsed(write_threshold=0.1)
    found = checks(coarse, seen=few)["requests_lost_share"]
    assert found.value == pytest.approx(1 - 4 / 2000)
    assert found.value > found.limit
    assert found.meaning.startswith("of 2,000 requests 4 were written to a cell")
    often = checks(coarse, seen=SEEN)["requests_lost_share"]
    assert often.value < often.limit
    assert "requests_lost_share" not in checks(pulsed(), seen=few), "rounded at random, not lost"
    synapse = msgspec.structs.replace(coarse.synapse, residue=True)
    keeping = msgspec.structs.replace(coarse, synapse=synapse)
    assert "requests_lost_share" not in checks(keeping, seen=few)
    sheet = msgspec.structs.replace(Config().device, sheet="sonos_agrawal2022")
    programmed = checks(msgspec.structs.replace(coarse, device=sheet), seen=few)
    assert "requests_lost_share" in programmed, "programming errs by more than such a request"


def test_a_first_cost_of_zero_has_no_ratio():
    assert "cost_over_first" not in checks(cell(), rows=[row(1e-3, 0.0), row(1e-3, 1.0)])


def test_a_cost_of_zero_loses_no_run(tmp_path):
    config = msgspec.structs.replace(
        base(True), task="parity", chips=1, windows=4, out=str(tmp_path)
    )
    flat = Parts(cost=lambda output, target: 0.0 * jnp.sum(output))
    with pytest.warns(RoundingWarning):
        run = train(config, parts=flat)
    assert (tmp_path / "summary.json").exists()
    assert run.summary["cost"] == 0
    assert run.summary["explanations"][0].startswith("the chip heard nothing")


@pytest.mark.parametrize(
    ("rule", "expected"),
    # A pulse of 10⁻³ over requests of 10⁻⁴; of 5·10⁻⁴ √((1 − 0.9)/(1 + 0.9)) √(2/π).
    [
        ("sign", 10.0),
        ("rmsprop", 2 / math.sqrt(2 / math.pi)),
        ("adam", 2 / math.sqrt(0.1 / 1.9 * 2 / math.pi)),
    ],
)
def test_a_pulse_is_held_against_what_the_rule_requests(rule, expected):
    learning = LearningConfig(rule=rule, schedule="constant")
    config = msgspec.structs.replace(pulsed(), learning=learning)
    found = checks(config, delta_cost=7e-4)
    assert found["update_step_over_request"].value == pytest.approx(expected, rel=1e-3)
    assert effective_rate(plan(config)) is None


def test_requests_of_a_users_own_rule_are_not_guessed():
    own = Parts(rule=optax.rmsprop)
    assert "update_step_over_request" not in checks(pulsed(), parts=own)
    assert effective_rate(plan(pulsed(), own)) is None


def test_first_weights_that_are_cut_off_are_told_with_the_remedy():
    found = checks(cell(weight_min=-0.05, weight_max=0.05))
    # LeCun's of 64 inputs: normal, cut at two of its σ, scaled to a σ of 1/8; biases are zero.
    sigma = 0.125 / norm.expect(lambda x: x**2, lb=-2, ub=2, conditional=True) ** 0.5
    inside = (2 * norm.cdf(0.05 / sigma) - 1) / (2 * norm.cdf(2) - 1)
    expected = (1 - inside) * (64 * 64 + 64 * 10) / 4810
    share = found["first_weights_outside_share"].value
    assert share == pytest.approx(expected, abs=5 * math.sqrt(expected / 4810))
    assert any("--network.weight-scale" in line for line in explanations(found))
    assert checks(pulsed())["first_weights_outside_share"].value == 0
    assert not any("--network.weight-scale" in line for line in explanations(checks(pulsed())))


@pytest.mark.parametrize("beta", [-0.2, 0.05])
def test_unequal_steps_pull_to_a_bound(beta):
    steps = steps_of(plan(pulsed(update_asymmetry=beta)))
    assert steps is not None
    np.testing.assert_allclose(steps.asymmetry, beta, atol=1e-4)
    assert steps.rest == math.copysign(1, beta)
    np.testing.assert_allclose(steps.carried(np.zeros(1), 0.5), 0.5 * beta, rtol=1e-3)


@pytest.mark.parametrize("beta", [0.0, 0.3])
def test_soft_bounds_pull_to_their_symmetry_point(beta):
    # u = dw (1 + β)(1 − w) and d = dw (1 − β)(1 + w) are equal at β; dw/dΣ|Δ| = β − w.
    config = pulsed(nonlinearity_up=1.0, nonlinearity_down=1.0, update_asymmetry=beta)
    steps = steps_of(plan(config))
    assert steps is not None
    assert steps.rest == pytest.approx(beta, abs=1e-3)
    at = np.asarray([-0.9, 0.0, 0.6])
    np.testing.assert_allclose(
        steps.carried(at, 1.5), beta + (at - beta) * math.exp(-1.5), atol=3e-3
    )


@pytest.mark.parametrize("signal", [0.0, 0.1, -0.2])
def test_the_mean_change_of_a_cell_is_gradient_and_pull(signal):
    """One cell, written with requests ±Δ: N Δ (κ + β); at κ = −β the two balance."""
    beta, request, writes, cells = 0.2, 2.5e-4, 400, 4000
    todo = plan(pulsed(update_asymmetry=beta))
    params, law = todo.params.device, todo.design.law
    assert [str(noise) for noise in write_noises(params)] != []

    def one(cell, key):
        sign, pulse = jax.random.split(key)
        is_up = jax.random.bernoulli(sign, (1 + signal) / 2, (cells,))
        change = jnp.where(is_up, request, -request).astype(jnp.float32)
        return write(law, "stochastic", params, cell, change, pulse), None

    start = store(params, jnp.zeros(cells, jnp.float32))
    keys = jax.random.split(jax.random.key(3), writes)
    after = np.asarray(jax.jit(lambda: jax.lax.scan(one, start, keys))()[0].weight, float)
    expected = writes * request * (signal + beta)
    # A write is a pulse of dw(1 ± β) at most, Δ/dw of the time: σ² < N Δ dw (1 + β)² of one cell.
    sigma = math.sqrt(writes * request * 1e-3) * (1 + beta) / math.sqrt(cells)
    assert abs(after.mean() - expected) < 5 * sigma
    assert 5 * sigma < 0.1 * writes * request * beta
    steps = steps_of(todo)
    assert steps is not None
    pulled = steps.carried(np.zeros(1), writes * request)[0]
    assert pulled + signal * writes * request == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_the_signal_of_a_request_falls_with_synapses_and_noise():
    todo = plan(cell())
    alone = math.sqrt(math.pi / 2) / math.sqrt(4810)
    assert signal_share(todo, SEEN, 1e-3) == pytest.approx(alone, rel=1e-4)
    # 128 readings a pass and two passes: σ(ΔC) = σ_C/8, here 0.6 of the σ of ΔC.
    bus = BusConfig(cost_noise=8 * 0.6e-3 * math.sqrt(math.pi / 2), delta_bits=None)
    noisy = plan(msgspec.structs.replace(cell(), bus=bus))
    assert signal_share(noisy, SEEN, 1e-3) == pytest.approx(0.8 * alone, rel=1e-3)


def test_an_asymmetry_is_judged_against_the_gradient():
    """On digits chips with 2,000 levels learn at β = 0.01 and do not at 0.03 and 0.1."""
    for beta, is_bad in ((0.01, False), (0.03, True), (0.1, True)):
        found = checks(pulsed(update_asymmetry=beta))
        expected = beta * math.sqrt(4810) / math.sqrt(math.pi / 2)
        assert found["pull_over_gradient"].value == pytest.approx(expected, rel=1e-2)
        told = [line for line in explanations(found) if line.startswith("requests that cancel")]
        assert bool(told) == is_bad
        assert not told or "towards 1," in told[0]
    assert checks(pulsed())["pull_over_gradient"].value == pytest.approx(0, abs=1e-2)


def test_a_pair_of_soft_bounds_is_pulled_to_zero():
    numbers = {"weight_min": 0.0, "weight_max": 2.0, "nonlinearity_up": 1.0}
    steps = steps_of(plan(pulsed(**numbers)))
    assert steps is not None
    assert (steps.weight[0], steps.weight[-1]) == (-1, 1)
    assert steps.rest == pytest.approx(0, abs=1e-2)
    assert steps.asymmetry[0] > 0 > steps.asymmetry[-1]


def test_the_default_chip_is_in_no_trouble():
    assert explanations(checks(Config(chips=1, windows=10), delta_cost=1e-3)) == []


def test_a_pulse_larger_than_a_request_is_no_fault_where_a_residue_waits_for_it():
    coarse = pulsed(update_step=0.1)
    assert "update_step_over_request" in checks(coarse)
    kept = msgspec.structs.replace(coarse.synapse, residue=True)
    waiting = msgspec.structs.replace(coarse, synapse=kept)
    assert "update_step_over_request" not in checks(waiting)


@pytest.mark.parametrize(("delay", "most", "values"), [(0, None, 1), (5, None, 3), (5, 2, 2)])
def test_a_synapse_stores_as_many_perturbations_as_a_late_cost_change_needs(delay, most, values):
    """With slots of 4 timesteps, two more can have begun within 5."""
    config = msgspec.structs.replace(
        cell(), tau_perturbation=4, tau_update=8,
        bus=msgspec.structs.replace(cell().bus, delay=delay),
        synapse=msgspec.structs.replace(
            cell().synapse, residue=True, stored_perturbations=most, residue_bits=6,
            residue_range=1.0,
        ),
    )  # fmt: skip
    stored = {one["what"]: one for one in local_memory(plan(config))}
    assert stored["perturbation, or its trace"]["values"] == values
    assert (stored["residue"]["values"], stored["residue"]["bits"]) == (1, 6)
    assert "learning rule" not in stored


def test_a_rule_that_keeps_two_averages_stores_two_values():
    rule = msgspec.structs.replace(cell().learning, rule="adam")
    stored = local_memory(plan(msgspec.structs.replace(cell(), learning=rule)))
    assert stored[-1] == {"what": "learning rule", "values": 2.0, "bits": None}


@pytest.mark.parametrize(
    ("bus", "full_scale", "found"),
    [
        # Codes of eight bits reach ten times as far as what was heard.
        ({"delta_bits": 8}, 0.02, 0.002),
        ({"delta_bits": 8}, 0.5, 0.0405),
        ({"delta_bits": 8, "delta_range": 0.02}, 0.02, 0.001),
        ({}, None, 0.001),
    ],
)
def test_a_run_that_gets_louder_is_judged_by_what_it_heard_at_first(bus, full_scale, found):
    made = plan(msgspec.structs.replace(cell(), bus=BusConfig(cost_noise=None, **bus)))
    heard = [0.001, 0.08, math.nan]
    told = sound_delta_cost(made, full_scale, heard)
    assert told == pytest.approx(found, rel=0.3 if full_scale == 0.02 else 1e-6)
