"""Devices in training: sheets, overrides, time, and every effect seen by the network."""

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest

from neuromgd.chip.chip import weights
from neuromgd.errors import InputError
from neuromgd.fleet.chips import make_chips
from neuromgd.fleet.shown import scale, training_set
from neuromgd.fleet.simulated import advance
from neuromgd.options.config import Config, NetworkConfig
from neuromgd.options.device import IDEAL_CELL
from neuromgd.options.read import base
from neuromgd.plan.memory_cell import cell_of
from neuromgd.plan.plan import plan
from neuromgd.sheets import library
from neuromgd.sheets.device import load


def on(sheet, **options):
    """The configuration that the command line makes of --device and its overrides."""
    cell = msgspec.structs.replace(IDEAL_CELL, sheet=sheet, **options)
    network = NetworkConfig(hidden=())
    return Config(task="parity", chips=2, windows=50, device=cell, network=network)


def trained(config):
    todo = plan(config)
    chips = make_chips(config, todo)
    chips, record = advance(
        todo.design, todo.tau, "window", todo.windows, todo.params, chips,
        jnp.int32(0), jnp.int32(todo.windows), training_set(todo), scale(todo),
    )  # fmt: skip
    return todo, chips, record


@pytest.mark.parametrize("sheet", library.names("devices"))
def test_every_sheet_makes_a_cell(sheet):
    cell = cell_of(on(sheet).device)
    numbers = jax.tree.leaves(cell.params)
    assert all(np.isfinite(np.asarray(number)).all() for number in numbers)


@pytest.mark.slow
@pytest.mark.parametrize("sheet", library.names("devices"))
def test_every_sheet_trains_within_its_window(sheet):
    numbers = load(sheet).cell().numbers
    # Cells that time does nothing to take no time.
    seconds = 1e-6 if {"drift_exponent", "leak_time"} & numbers.keys() else None
    _, chips, record = trained(on(sheet, seconds_per_timestep=seconds))
    assert np.isfinite(record.cost).all()
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(weights(chips)))


@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param("ecram_mo_kim2019", marks=pytest.mark.slow),
        pytest.param("pcm_nandakumar2020", marks=pytest.mark.slow),
        "dwmtj_stt300_lut",
    ],
)
def test_sheets_of_every_kind_train(sheet):
    test_every_sheet_trains_within_its_window(sheet)


def test_an_option_stands_over_the_sheet():
    plain = cell_of(on("ecram_mo_kim2019").device).params
    other = cell_of(on("ecram_mo_kim2019", write_noise=0.02).device).params
    assert plain.write_noise is None
    np.testing.assert_allclose(other.write_noise, 0.02)
    np.testing.assert_array_equal(other.update_step, plain.update_step)


@pytest.mark.slow
def test_cells_of_one_sign_are_paired_and_hold_both():
    todo, chips, _ = trained(on("pcm_nandakumar2020", seconds_per_timestep=1e-6))
    assert todo.design.is_pair
    assert min(float(leaf.min()) for leaf in jax.tree.leaves(weights(chips))) < 0
    assert not plan(on("ecram_mo_kim2019")).design.is_pair


def test_cells_with_a_memory_of_time_ask_for_a_clock():
    with pytest.raises(InputError, match="change in seconds; give --platform"):
        plan(on("pcm_joshi2020"))
    clocked = plan(msgspec.structs.replace(on("pcm_joshi2020"), platform="pcm_14nm"))
    assert 1e-7 < float(clocked.params.seconds_per_timestep) < 1e-4


@pytest.mark.slow
def test_leak_pulls_weights_to_rest_by_the_closed_form():
    """Without a request that moves them, weights fall as exp(−t/τ)."""
    start = base(True)
    cell = msgspec.structs.replace(start.device, leak_time=0.01, seconds_per_timestep=1e-4)
    still = msgspec.structs.replace(start.learning, rate=1e-30)
    config = msgspec.structs.replace(
        start, task="parity", chips=1, windows=10, device=cell, learning=still
    )
    todo = plan(config)
    first = weights(make_chips(config, todo))
    _, chips, _ = trained(config)
    elapsed = 10 * todo.tau.update * 1e-4
    # An ideal write happens at every window, and starts the clock of the cell anew.
    for before, after in zip(jax.tree.leaves(first), jax.tree.leaves(weights(chips)), strict=True):
        np.testing.assert_allclose(after, before * np.exp(-elapsed / 0.01), rtol=1e-4)


@pytest.mark.slow
def test_relative_read_noise_reaches_the_cost():
    quiet = trained(msgspec.structs.replace(base(True), task="parity", chips=2, windows=20))[2]
    cell = msgspec.structs.replace(IDEAL_CELL, read_noise_relative=0.2)
    config = msgspec.structs.replace(base(True), task="parity", chips=2, windows=20, device=cell)
    assert not np.allclose(trained(config)[2].cost, quiet.cost, rtol=1e-3)
