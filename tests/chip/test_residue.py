"""A chip whose synapses keep what they could not write."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window, window_by_steps
from neuromgd.device.params import DeviceParams
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from tests.chip.small import CIRCUITS, IDEAL, NETWORK, ONE_LAYER, number, samples
from tests.chip.test_mode import flat, keeping

TAU = Tau(1, 2, 4)
KEEPS = Design(NETWORK, has_residue=True)


def run(design, params, windows=12, engine=window, tau=TAU):
    """The chip at the end, and the weights and residues after every window."""
    machine = Machine(design, params, tau)
    chip, advance, path = fabricate(machine, root_key(1, 0)), jax.jit(engine), []
    for event in range(windows):
        chip, _ = advance(machine, chip, jnp.int32(event), samples(tau.update, seed=event))
        path.append((flat(weights(chip)), flat(chip.residue)))
    return chip, [np.stack(one) for one in zip(*path, strict=True)]


@pytest.mark.slow
def test_continuous_cells_do_what_a_mode_that_keeps_does():
    threshold = 0.1
    params = IDEAL.replace(device=DeviceParams(write_threshold=number(threshold)))
    _, (theta, residue) = run(KEEPS, params)
    design = dataclasses.replace(Design(NETWORK), mode=keeping(threshold))
    machine, path = Machine(design, IDEAL, TAU), []
    chip = fabricate(machine, root_key(1, 0))
    for event in range(12):
        chip, _ = jax.jit(window)(machine, chip, jnp.int32(event), samples(4, seed=event))
        path.append((flat(weights(chip)), flat(chip.synapse.residue)))
    np.testing.assert_allclose(theta, [one for one, _ in path], atol=1e-5)
    np.testing.assert_allclose(residue, [one for _, one in path], atol=1e-5)
    assert (np.abs(residue) < threshold).all()


def test_pulses_are_whole_and_wait_for_the_threshold():
    step, pulses = 0.02, 4
    device = DeviceParams(update_step=number(step), write_threshold_pulses=number(pulses))
    chip, (theta, residue) = run(KEEPS, IDEAL.replace(device=device))
    assert (np.abs(residue) < pulses * step + 1e-6).all()
    moved = np.diff(theta, axis=0) / step
    np.testing.assert_allclose(moved, np.round(moved), atol=1e-3)
    assert (np.abs(moved[np.abs(moved) > 0.5]) > pulses - 0.5).all()
    writes = sum(int(cell.writes.sum()) for cell in jax.tree.leaves(
        chip.cells, is_leaf=lambda leaf: hasattr(leaf, "writes")
    ))  # fmt: skip
    assert 0 < writes < theta.size / 3


RESIDUE = CIRCUITS.replace(
    synapse=CIRCUITS.synapse.replace(
        residue_top=number(31), residue_range=number(0.05), residue_leak=number(0.01),
        residue_noise=number(1e-3),
    ),
    device=CIRCUITS.device.replace(write_threshold_pulses=number(2)),
)  # fmt: skip


@pytest.mark.parametrize(("code", "network"), [
    pytest.param("product", ONE_LAYER, marks=pytest.mark.slow),
    pytest.param("product", NETWORK, marks=pytest.mark.slow),
    pytest.param("rademacher", NETWORK, marks=pytest.mark.slow),
])  # fmt: skip
def test_a_window_at_once_equals_its_timesteps(code, network):
    design = dataclasses.replace(KEEPS, network=network, code=CODES[code])
    (_, at_once), (_, by_steps) = (
        run(design, RESIDUE, 3, engine) for engine in (window, window_by_steps)
    )
    for one, other in zip(at_once, by_steps, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-5)
        assert one.any()


@pytest.mark.slow
def test_circuits_at_strength_nothing_are_as_if_absent():
    device = DeviceParams(update_step=number(0.02))
    nothing = IDEAL.synapse.replace(
        residue_range=number(1e9), residue_leak=number(0), residue_noise=number(0)
    )
    _, without = run(KEEPS, IDEAL.replace(device=device), 6)
    _, some = run(KEEPS, IDEAL.replace(device=device, synapse=nothing), 6)
    for one, other in zip(without, some, strict=True):
        np.testing.assert_allclose(one, other, atol=3e-6)


@pytest.mark.parametrize(
    "much",
    [
        pytest.param(dict(residue_range=0.01), marks=pytest.mark.slow),
        dict(residue_leak=0.2),
        pytest.param(dict(residue_noise=0.02), marks=pytest.mark.slow),
    ],
)
def test_every_defect_of_the_circuit_shows_in_what_is_learnt(much):
    device = DeviceParams(update_step=number(0.02))
    _, (without, _) = run(KEEPS, IDEAL.replace(device=device))
    circuit = IDEAL.synapse.replace(**{name: number(one) for name, one in much.items()})
    _, (some, _) = run(KEEPS, IDEAL.replace(device=device, synapse=circuit))
    assert np.abs(without[-1] - some[-1]).max() > 0.015


def test_nothing_is_kept_where_nothing_is_asked_to_be():
    machine = Machine(Design(NETWORK), IDEAL, TAU)
    assert fabricate(machine, root_key(1, 0)).residue is None
