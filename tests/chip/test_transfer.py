"""Two cells a weight: what fast cells learn is carried to slow ones."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from msgspec.structs import replace

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.transfer import transferred
from neuromgd.chip.two_cells import Transfer, TransferParams
from neuromgd.chip.update import aged
from neuromgd.chip.window import window, window_by_steps
from neuromgd.device.cell import CellState, read
from neuromgd.device.params import DeviceParams
from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.options.device import DeviceConfig
from neuromgd.options.transfer import TransferConfig
from neuromgd.plan.plan import plan
from neuromgd.randomness import root_key
from neuromgd.sheets import library
from neuromgd.sheets.platform_schema import Write
from neuromgd.timing.layer import Tiling
from neuromgd.timing.transferring import transfer_pulses
from neuromgd.timing.workload import Workload
from tests.chip.small import IDEAL, NOISY, ONE_LAYER, number, samples
from tests.chip.test_mode import flat
from tests.device.cells import params

TAU = Tau(1, 2, 4)
PLAIN = DeviceParams()
STEP = 0.05
# A slow cell of few levels, which takes less than it is asked for, the less the nearer to its top.
COARSE = dict(
    update_step=STEP, weight_min=-2, weight_max=2, nonlinearity_up=1, nonlinearity_down=1,
    update_asymmetry=-0.2,
)  # fmt: skip


def machine_of(transfer, device=PLAIN, slow=PLAIN, gain=1.0, share=1.0, base=IDEAL):
    carried = TransferParams(device=slow, gain=number(gain), share=number(share))
    told = base.replace(device=device, transfer=None if transfer is None else carried)
    return Machine(Design(ONE_LAYER, transfer=transfer), told, TAU)


def run(machine, windows=6, engine=window):
    chip, advance = fabricate(machine, root_key(1, 0)), jax.jit(engine)
    for event in range(windows):
        chip, _ = advance(machine, chip, jnp.int32(event), samples(TAU.update, seed=event))
    return chip


def holding(machine, value):
    """A new chip whose fast cells hold a value each."""
    chip = fabricate(machine, root_key(1, 0))
    fill = lambda cell: cell.replace(weight=value + jnp.zeros_like(cell.weight))
    cells = jax.tree.map(fill, chip.cells, is_leaf=lambda one: isinstance(one, CellState))
    return chip.replace(cells=cells)


def fast(chip):
    return flat(jax.tree.map(read, chip.cells, is_leaf=lambda one: isinstance(one, CellState)))


def slow(chip):
    return flat(jax.tree.map(read, chip.slow.cells, is_leaf=lambda one: isinstance(one, CellState)))


def writes(cells):
    every = jax.tree.leaves(cells, is_leaf=lambda one: isinstance(one, CellState))
    return sum(int(cell.writes.sum()) for cell in every)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("transfer", "gain"),
    [
        (Transfer(every=1), 1.0),
        (Transfer(every=2, rows=2, has_inversion=True, is_verified=True), 0.25),
    ],
)
def test_ideal_cells_together_are_one(transfer, gain):
    single = run(machine_of(None))
    both = run(machine_of(transfer, gain=gain))
    np.testing.assert_allclose(flat(weights(both)), flat(weights(single)), atol=1e-5)
    moved = slow(both) - flat(weights(fabricate(machine_of(transfer), root_key(1, 0))))
    assert np.abs(moved).max() > 0.05
    if transfer.every == 1:
        np.testing.assert_allclose(fast(both), 0, atol=1e-7)


def test_what_leaves_the_fast_cell_arrives():
    # Open loop a slow cell takes whole nominal pulses, and the rest stays.
    constant = params(update_step=STEP)
    for has_inversion in (False, True):
        machine = machine_of(Transfer(1, has_inversion=has_inversion), slow=constant, gain=0.5)
        before = holding(machine, 0.33)
        after = transferred(machine, before, jnp.int32(0))
        np.testing.assert_allclose(slow(after) - slow(before), 3 * STEP, atol=1e-6)
        left = 0.33 * 0.5 - 3 * STEP
        sign = -1 if has_inversion else 1
        np.testing.assert_allclose(fast(after), sign * left / 0.5, atol=1e-6)
        np.testing.assert_allclose(flat(weights(after)), flat(weights(before)), atol=1e-6)


def test_only_a_verified_transfer_knows_what_arrived():
    lost = {}
    for is_verified in (False, True):  # the same request
        machine = machine_of(Transfer(1, is_verified=is_verified), slow=params(**COARSE))
        before = holding(machine, 0.3)
        after = transferred(machine, before, jnp.int32(0))
        lost[is_verified] = np.abs(flat(weights(after)) - flat(weights(before)))
        assert np.abs(slow(after) - slow(before)).min() > 0.05
    np.testing.assert_allclose(lost[True], 0, atol=1e-6)
    assert np.median(lost[False]) > 0.02


@pytest.mark.parametrize("has_inversion", [False, True])
def test_inversion_cancels_what_a_fast_cell_gathers_by_itself(has_inversion):
    leaky = params(leak_time=1.0, leak_rest=0.5)
    base = IDEAL.replace(seconds_per_timestep=number(0.01))
    machine = machine_of(Transfer(1, has_inversion=has_inversion), leaky, gain=0.5, base=base)
    chip = fabricate(machine, root_key(1, 0))
    start, path = slow(chip), []
    for event in range(4):
        chip = transferred(machine, aged(machine, chip, jnp.int32(event)), jnp.int32(event))
        path.append(slow(chip) - start)
    gathered = 0.5 * 0.5 * -np.expm1(-TAU.update * 0.01)
    turns = [1, 0, 1, 0] if has_inversion else [1, 2, 3, 4]
    np.testing.assert_allclose(path, gathered * np.array(turns)[:, None] + 0 * start, atol=1e-6)


def test_a_fast_cell_that_keeps_is_read_again_and_again():
    machine = machine_of(Transfer(1, keeps=True, has_inversion=True), gain=0, share=0.1)
    before = after = holding(machine, 0.4)
    np.testing.assert_array_equal(flat(weights(before)), slow(before))
    for event, total in enumerate([0.04, 0.0, 0.04]):
        after = transferred(machine, after, jnp.int32(event))
        np.testing.assert_allclose(slow(after) - slow(before), total, atol=1e-6)
        np.testing.assert_array_equal(fast(after), fast(before))


def test_rows_come_in_turn_when_a_transfer_is_due():
    machine = machine_of(Transfer(2, rows=2, has_inversion=True), slow=params(update_step=STEP))
    chip, counts = holding(machine, 0.3), []
    for event in range(6):
        chip = transferred(machine, chip, jnp.int32(event))
        counts.append((writes(chip.slow.cells), writes(chip.cells)))
    # 5 rows of 3 and a row of 3 biases, which a turn of 3 windows brings round once.
    bias, kernel = 3, 15
    first, second = 6 + bias, 12 + bias
    assert counts == [(0, 0), (first,) * 2, (first,) * 2, (second,) * 2, (second,) * 2,
                      (kernel + bias,) * 2]  # fmt: skip
    np.testing.assert_array_equal(flat(chip.slow.sign)[:3], -1)
    # The clock, which knows no biases, counts the same writes of both cells.
    tiling = Tiling(1, 1, 5, 3, 5, 3, kernel)
    plan = Workload(layers=(5, 3), steps=1, transfer_every=2, transfer_rows=2)
    every = Write(mode="row_parallel", basis="assumed", source="test")
    assert 3 * transfer_pulses(every, [tiling], plan).energy == 2 * kernel


@pytest.mark.slow
def test_a_window_at_once_equals_its_timesteps():
    noisy = NOISY.device.replace(read_noise=number(1e-3))
    slow_ones = params(**COARSE, cycle_noise=0.3, update_step_spread=0.3, read_noise=1e-3)
    transfer = Transfer(2, rows=3, has_inversion=True, is_verified=True)
    machine = machine_of(transfer, noisy, slow_ones, gain=0.5, base=NOISY)
    one, other = (run(machine, 4, engine) for engine in (window, window_by_steps))
    for part in (slow, fast, lambda chip: flat(weights(chip))):
        np.testing.assert_allclose(part(one), part(other), rtol=2e-4, atol=2e-5)
    assert writes(one.slow.cells) > 0
    assert np.abs(fast(one)).max() > 0.01


def test_every_noise_of_the_slow_cells_is_their_own():
    spread = params(**COARSE, update_step_spread=0.3)
    machine = machine_of(Transfer(1), spread, spread)
    chip = fabricate(machine, root_key(1, 0))
    gains = [
        np.concatenate([np.ravel(own.step_gain) for own in jax.tree.leaves(
            traits, is_leaf=lambda one: hasattr(one, "step_gain"))])
        for traits in (chip.traits.device, chip.slow.traits)
    ]  # fmt: skip
    assert len(set(np.concatenate(gains).tolist())) == 2 * len(gains[0])


def test_slow_cells_warm_with_the_chip():
    warm = params(weight_min=-1, weight_max=1, zero_signal_weight=-1, conductance_temperature=-2e-3,
                  temperature=300.0, reference_temperature=300.0)  # fmt: skip
    machine = machine_of(Transfer(every=1), slow=warm, base=IDEAL.replace(warming=number(5.0)))
    chip = holding(machine, 0.1)
    before = slow(chip)
    # Four windows of 5 K: what a cell conducts above its zero falls by 2 ‰ a kelvin.
    after = slow(aged(machine, chip, jnp.int32(4)))
    np.testing.assert_allclose(after + 1, (before + 1) * (1 - 2e-3 * 20), rtol=1e-5)
    assert (fast(aged(machine, chip, jnp.int32(4))) == fast(chip)).all()


def test_a_run_that_warms_begins_at_one_temperature(tmp_path):
    epiram = library.text(library.locate("devices", "epiram_choi2018"))
    more = "".join(
        f'\n[quantities.{key}]\nvalue = {value}\nunit = "{unit}"\n'
        'basis = "assumed"\nwhere = "test"\n'
        for key, value, unit in (
            ("conductance_temperature", -0.002, "1/K"),
            ("temperature", 298, "K"),
        )
    )
    sheet = tmp_path / "warm.toml"
    sheet.write_text(epiram.replace('"epiram_choi2018"', '"warm"', 1) + more, encoding="utf-8")
    of_slow = Config(task="parity", windows=10, transfer=TransferConfig(every=2, device=str(sheet)),
                     device=DeviceConfig(temperature_end=318.0))  # fmt: skip
    assert float(plan(of_slow).params.warming) == pytest.approx(2.0)
    both = replace(of_slow, device=DeviceConfig(
        sheet=str(sheet), temperature=300.0, temperature_end=318.0))  # fmt: skip
    with pytest.raises(InputError, match="hold at 298, 300 K"):
        plan(both)
