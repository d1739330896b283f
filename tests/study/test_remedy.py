"""What a residue would make of a run: its formulas against a walk, its advice against training."""

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest

from neuromgd.options.config import Config, NetworkConfig, SynapseConfig
from neuromgd.options.device import DeviceConfig
from neuromgd.options.read import checked
from neuromgd.options.transfer import TransferConfig
from neuromgd.plan.plan import plan
from neuromgd.study.train import train
from neuromgd.synapse.residue import asked
from neuromgd.verdict.remedy import CODE, Walk, remedy, step_of_walk
from neuromgd.verdict.technologies import first_weights
from neuromgd.verdict.write_error import WriteError, half_window, nominal_step, write_error

WINDOWS, SYNAPSES = 1_000, 2_000


@jax.jit
def walked(sigma, threshold, step):
    """Writes of a synapse, what it keeps and what it asks for, of requests that only cancel."""

    def window(kept, key):
        total = kept + sigma * jax.random.normal(key, (SYNAPSES,), jnp.float32)
        written = asked(total, step, threshold, None)
        told = jnp.mean(written != 0), jnp.mean((total - written) ** 2), jnp.mean(jnp.abs(written))
        return total - written, told

    keys = jax.random.split(jax.random.key(5), WINDOWS)
    writes, squares, path = jax.lax.scan(window, jnp.zeros(SYNAPSES, jnp.float32), keys)[1]
    return jnp.sum(writes), jnp.sqrt(jnp.mean(squares[WINDOWS // 2 :])), jnp.sum(path)


def config(sheet, residue=False, **numbers):
    return checked(Config(
        task="digits", network=NetworkConfig(hidden=(64,)), windows=WINDOWS, chips=2,
        synapse=SynapseConfig(code="product", residue=residue),
        device=DeviceConfig(sheet=sheet, **numbers),
        tau_perturbation=1, tau_update=128,
        learning=msgspec.structs.replace(Config().learning, rate=0.1),
    ))  # fmt: skip


def best(made, delta_cost):
    first = np.clip(first_weights(made), -1, 1)
    return remedy(made, delta_cost, first), first


@pytest.mark.slow
@pytest.mark.parametrize("sheet", ["sonos_agrawal2022", "reram_es_gong2018", "fefet_jerry2017"])
def test_writes_and_what_is_kept_are_those_of_a_walk(sheet):
    made = plan(config(sheet))
    found, _ = best(made, 0.02)
    sigma, step = step_of_walk(made, 0.02), nominal_step(made)
    numbers = (sigma, found.threshold, step)
    told = walked(*(None if one is None else jnp.float32(one) for one in numbers))
    writes, kept, path = map(float, told)
    assert found.writes == pytest.approx(writes, rel=0.15)
    assert found.kept * half_window(made) == pytest.approx(kept, rel=0.15)
    assert found.path == pytest.approx(path, rel=0.15)
    assert found.range > found.threshold + 3 * sigma
    assert 2 * found.range / (2**found.bits - 1) <= CODE * sigma


@pytest.mark.parametrize("pulses", [0.5, 0.7, 1.0, 1.4, 2.0])
def test_a_write_of_whole_pulses_leaves_a_rest_behind(pulses):
    # From half a pulse on, a rest of half a pulse the other way is written back at once.
    step, sigma = 0.1, 0.01
    told = walked(*(jnp.float32(one) for one in (sigma, pulses * step, step)))
    writes, kept, path = map(float, told)
    found = Walk(WINDOWS, sigma, 1.0, step, WriteError(0.0, 0.0), 0.0).at(pulses * step)
    assert found.writes == pytest.approx(writes, rel=0.2)
    assert found.kept == pytest.approx(kept, rel=0.1)
    assert found.path == pytest.approx(path, rel=0.2)


def test_the_best_threshold_balances_what_is_written_and_what_is_kept():
    # Programming errors σ_p alone: N σ²σ_p²/(a + ρσ)² + a²/6 is least where (a + ρσ)³a = 6N σ²σ_p².
    made = plan(config("sonos_agrawal2022", update_noise=0.0))
    found, _ = best(made, 0.02)
    sigma, error = step_of_walk(made, 0.02), write_error(made).of(1.0)
    ratio = (found.threshold + 0.5826 * sigma) ** 3 * found.threshold
    assert ratio == pytest.approx(6 * WINDOWS * (sigma * error) ** 2, rel=0.1)


def test_a_pull_asks_for_fewer_pulses():
    # Pulses up are 1 + β, down 1 − β, so that the asymmetry is β at every weight.
    cell = {"law": "linear", "update_step": 4e-3, "weight_min": -1.0, "weight_max": 1.0}
    even, tilted = (
        best(plan(config(None, update_asymmetry=beta, **cell)), 0.02)[0] for beta in (0.0, 0.3)
    )
    assert even.pull == pytest.approx(0, abs=1e-6)
    assert tilted.pull == pytest.approx(0.3 * tilted.path / 1.0, rel=1e-3)
    assert tilted.threshold > 1.5 * even.threshold
    assert tilted.total > even.total


def test_cells_that_err_by_nothing_and_fast_cells_need_none():
    free = {"weight_min": -1.0, "weight_max": 1.0, "update_noise": 0.0}
    assert best(plan(config(None, law="ideal", **free)), 0.02)[0] is None
    assert best(plan(config(None, law="ideal", **free | {"update_noise": 0.1})), 0.02)[0]
    two = msgspec.structs.replace(
        config("fefet_jerry2017"), transfer=TransferConfig(every=20, device="pcm_kuzum2011")
    )
    assert best(plan(checked(two)), 0.02)[0] is None


@pytest.mark.slow
@pytest.mark.parametrize("sheet", ["fefet_jerry2017", "reram_es_gong2018"])
def test_a_chip_that_takes_the_advice_learns_more(sheet):
    plain = train(config(sheet))
    told = [line for line in plain.summary["explanations"] if "residue of" in line]
    assert told, plain.summary["explanations"]
    found = plain.summary["remedy"]
    option = {"write_threshold": found["threshold"]}
    if found["pulses"] is not None:
        option = {"write_threshold_pulses": found["pulses"]}
    helped = train(config(sheet, residue=True, **option))
    assert helped.summary["accuracy"] > plain.summary["accuracy"] + 0.15
