"""What every sheet and every update law must do, whoever adds it."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.cell_numbers import CELL_NUMBERS, LAW_NUMBERS
from neuromgd.device.cell import read
from neuromgd.device.from_sheet import device_params
from neuromgd.device.laws import LAWS
from neuromgd.device.params import cell_params
from neuromgd.device.response import response
from neuromgd.device.retention import advance
from neuromgd.device.write import write, write_noises
from neuromgd.errors import InputError
from neuromgd.sheets import device, library
from neuromgd.sheets.cell import Cell
from neuromgd.sheets.device_schema import LawName
from tests.device.cells import keys_for, law_of, made, number, stored, written

NAMES = library.names("devices")
CELLS = 2_000


# A law whose numbers are no table is held to what follows also without a sheet that has it.
BARE_LAWS = {
    f"law {name}": Cell(name, dict(
        update_step=0.01, weight_min=-1.0, weight_max=1.0, cycle_noise=0.1, update_step_spread=0.1,
    ) | {key: number.tried[0] for key, number in LAW_NUMBERS.items() if name in number.of})
    for name, law in LAWS.items() if not law.is_continuous and name != "lookup"
}  # fmt: skip


def cell_of(name: str) -> Cell:
    return BARE_LAWS[name] if name in BARE_LAWS else device.load(name).cell()


PULSED = [
    name for name in NAMES if device.load(name).sheet.law not in ("ideal", "program_verify")
] + list(BARE_LAWS)
SILENT = dict.fromkeys(("cycle_noise", "cycle_noise_additive", "cycle_noise_absolute"))


def test_sheets_and_laws_know_the_same_names():
    assert {*LAWS, "program_verify"} == set(LawName.__args__)


@pytest.mark.parametrize("law", LAWS)
def test_a_law_says_what_its_pulse_does_and_what_it_needs(law):
    assert LAWS[law].step
    needed = {name: n.tried[0] for name, n in LAW_NUMBERS.items() if law in n.of and n.is_needed}
    for missing in needed:
        with_others = {name: value for name, value in needed.items() if name != missing}
        cells = response(cell_params(dict(update_step=0.01) | with_others))
        with pytest.raises(InputError, match=missing):
            LAWS[law].pulses(cells, jnp.zeros(1), jnp.ones(1))


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_a_sheet_reaches_the_cell(name):
    numbers = cell_of(name).numbers
    assert numbers.keys() <= CELL_NUMBERS.keys()
    p = device_params(cell_of(name))
    for leaf in jax.tree.leaves(p):
        assert leaf.dtype == jnp.float32
        assert np.isfinite(leaf).all()


@partial(jax.jit, static_argnums=0)  # cells that have the same effects share a program
def written_and_aged(law, p, traits, cell, request, *keys):
    cell = write(law, "stochastic", p, cell, request, *keys, traits=traits)
    return advance(p, traits, cell, number(1e-3))


@pytest.mark.parametrize("name", NAMES)
def test_writes_keep_the_window_and_stay_finite(name):
    p = device_params(cell_of(name))
    shape = (CELLS,)
    traits = made(p, shape, 1)
    cell = stored(p, np.zeros(shape), traits)
    law = law_of(name)
    rng = np.random.default_rng(0)

    for seed in range(50):
        request = number(0.3 * rng.standard_normal(shape))
        cell = written_and_aged(law, p, traits, cell, request, *keys_for(write_noises(p), seed))
    assert np.isfinite(read(cell)).all()
    low = p.weight_min if traits.weight_min is None else traits.weight_min
    high = p.weight_max if traits.weight_max is None else traits.weight_max
    if low is None:
        return
    shift = 0 if traits.reference is None else traits.reference
    free = np.ones(shape, bool) if traits.is_stuck is None else ~np.asarray(traits.is_stuck)
    inside = (cell.weight + shift >= low - 1e-6) & (cell.weight + shift <= high + 1e-6)
    assert np.asarray(inside)[free].all()
    assert np.asarray(cell.writes)[free].mean() > 10


@pytest.mark.parametrize("name", NAMES)
def test_no_request_is_no_change(name):
    p = device_params(cell_of(name))
    traits = made(p, (9,), 1)
    cell = stored(p, np.linspace(-0.2, 0.2, 9), traits)
    after = written(law_of(name), p, cell, np.zeros(9), 1, traits)
    np.testing.assert_array_equal(after.weight, cell.weight)
    assert not np.asarray(after.writes).any()


@pytest.mark.parametrize("name", PULSED)
@pytest.mark.parametrize("sign", [1, -1])
def test_pulses_move_one_way_only(name, sign):
    cell = cell_of(name)
    p = device_params(cell, SILENT)
    cells = response(p)
    weight = jnp.linspace(cells.weight_min, cells.weight_max, 41)
    law = LAWS[cell.law]
    before = weight
    for count in (1, 2, 5, 20):
        after = jnp.clip(
            law.pulses(cells, weight, jnp.full(41, float(sign * count)))[0],
            cells.weight_min, cells.weight_max,
        )  # fmt: skip
        # More pulses never lead back. A table is a mean over noise, so it may by a hundredth.
        slack = max(law.error / 5, 1e-6)
        assert (sign * (after - before) >= -slack).all()
        before = after


@pytest.mark.parametrize("name", PULSED)
@pytest.mark.parametrize("count", [3, 8, -3, -8])
def test_pulses_at_once_are_pulses_one_by_one(name, count):
    cell = cell_of(name)
    p = device_params(cell, SILENT)
    cells = response(p)
    low, high = float(cells.weight_min), float(cells.weight_max)
    weight = jnp.linspace(low + 0.2 * (high - low), high - 0.2 * (high - low), 21)
    law = LAWS[cell.law]
    at_once = jnp.clip(law.pulses(cells, weight, jnp.full(21, float(count)))[0], low, high)
    one = weight
    for _ in range(abs(count)):
        one = jnp.clip(law.pulses(cells, one, jnp.full(21, float(np.sign(count))))[0], low, high)
    np.testing.assert_allclose(at_once, one, atol=law.error)


@pytest.mark.parametrize("name", PULSED)
@pytest.mark.parametrize("count", [8, -8])
def test_noise_of_pulses_at_once_has_the_moments_of_pulses_one_by_one(name, count):
    cell = cell_of(name)
    p = device_params(cell)
    law = LAWS[cell.law]
    silent = {name for name in CELL_NUMBERS if "spread" in name} - LAW_NUMBERS.keys() | {
        "write_noise", "stuck_fraction", "stuck_range", "drift_exponent", "update_asymmetry",
    }  # fmt: skip
    bare = p.replace(**dict.fromkeys(silent))
    start = np.full(8_000, float(p.weight_min + p.weight_max) / 2)
    step = float(bare.update_step)
    held = stored(bare, start)
    at_once = written(law, bare, held, np.full(8_000, count * step), 1).weight
    one = held
    for seed in range(abs(count)):
        one = written(law, bare, one, np.full(8_000, np.sign(count) * step), seed + 2)
    at_once, one = np.asarray(at_once, float), np.asarray(one.weight, float)
    scale = max(one.std(), 1e-3 * step)
    is_cut = max(np.mean(np.abs(one) >= 0.999), np.mean(np.abs(at_once) >= 0.999)) > 1e-3
    is_exact = law.error <= 1e-6 and not is_cut
    # A window cuts every pulse of a path, but only the end of many pulses at once.
    assert at_once.mean() == pytest.approx(one.mean(), abs=(0.05 if is_exact else 0.3) * scale)
    assert at_once.std() == pytest.approx(one.std(), rel=0.05 if is_exact else 0.25)


@pytest.mark.parametrize("name", PULSED)
def test_a_law_is_elementwise(name):
    cell = cell_of(name)
    p = device_params(cell)
    traits = made(p, (6,), 2)
    cells, law = response(p, traits), LAWS[cell.law]
    weight, count = jnp.linspace(-0.3, 0.3, 6), number([1, -1, 2, -3, 0, 5])
    at_once = law.pulses(cells, weight, count)[0]
    for i in range(6):
        own = jax.tree.map(lambda leaf, i=i: leaf[i] if leaf.shape == (6,) else leaf, cells)
        one = law.pulses(own, weight[i : i + 1], count[i : i + 1])[0][0]
        np.testing.assert_allclose(at_once[i], one, rtol=1e-5, atol=1e-7)
