"""Drop along the wires of crossbars, held to the resistor networks that they are."""

import tomllib
from pathlib import Path

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.chip.chip import encodings, fabricate, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.passes import read_out
from neuromgd.device.cell import CellState
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.params import DeviceParams
from neuromgd.network.crossbar import effective
from neuromgd.network.network import from_module
from neuromgd.network.params import NetworkParams
from neuromgd.network.wires import dropped, shares
from neuromgd.options.config import ArrayConfig, Config
from neuromgd.options.device import IDEAL_CELL
from neuromgd.plan.memory_cell import cell_of, wire_drop
from neuromgd.randomness import root_key
from neuromgd.synapse.state import SynapseParams
from tests.oracles.resistive import effective_conductance
from tests.statistics import assert_variance

SHEETS = Path(__file__).parents[2] / "hardware_models" / "devices"
SYNAPSE = SynapseParams(amplitude=jnp.float32(1e-2), learning_rate=jnp.float32(0.3))
ROWS, COLUMNS = 40, 24


def number(value):
    return jnp.asarray(value, jnp.float32)


def first_order(conductance, wire):
    """The share that every cell loses to first order, along its row and along its column."""
    rows, columns = conductance.shape
    i, j = np.arange(1, rows + 1), np.arange(1, columns + 1)
    along_row = conductance @ np.minimum(j[:, None], j)
    along_column = (rows + 1 - np.maximum(i[:, None], i)) @ conductance
    return wire * (along_row + along_column)


compiled = jax.jit(shares)
left_of = jax.jit(dropped, static_argnums=3)


def behind(wire, conductance):
    share, around = map(np.asarray, compiled(number(wire), number(conductance)))
    return share * (conductance + around)


def uniform(rows, columns, rng):
    return rng.uniform(0, 1, (rows, columns))


def sparse(rows, columns, rng):
    return uniform(rows, columns, rng) * (rng.random((rows, columns)) < 0.1)


def with_idle_rows(rows, columns, rng):
    return uniform(rows, columns, rng) * (rng.random((rows, 1)) < 0.3)


@pytest.mark.parametrize("pattern", [uniform, sparse, with_idle_rows])
@pytest.mark.parametrize("shape", [(32, 32), (100, 10), (8, 60)])
@pytest.mark.parametrize("loss", [0.1, 0.3, 1.0])
def test_a_crossbar_is_its_resistor_network(pattern, shape, loss):
    """Within a tenth of the square of the first-order loss of its worst cell."""
    conductance = pattern(*shape, np.random.default_rng(1))
    wire = loss / first_order(conductance, 1.0).max()
    exact = effective_conductance(conductance, wire)
    error = np.abs(behind(wire, conductance) - exact) / conductance.max()
    assert error.max() < 0.1 * loss**2 + 1e-6
    assert np.abs(conductance - exact).max() > 0.3 * loss * conductance.max() / (1 + loss)


def test_halving_the_wires_quarters_the_error():
    conductance = uniform(32, 32, np.random.default_rng(1))

    def error(wire):
        exact = effective_conductance(conductance, wire)
        return np.abs(behind(wire, conductance) - exact).max()

    wire = 0.4 / first_order(conductance, 1.0).max()
    assert error(wire) / error(wire / 2) > 4


def test_without_resistance_weights_are_as_they_are():
    rng = np.random.default_rng(0)
    weight, at_zero = (number(rng.uniform(-1, 1, (5, 7))) for _ in range(2))
    for is_pair in (True, False):
        for common in (None, at_zero + 2):
            left, _ = jax.jit(dropped, static_argnums=3)(number(0), weight, common, is_pair)
            np.testing.assert_array_equal(left, weight)


@pytest.mark.parametrize("wire", [1e-7, 1e-3, 1.0, 1e4])
def test_no_wire_is_too_long(wire):
    """Hundreds of ohms against cells of a siemens: what is left is little, but a number."""
    weight = number(np.random.default_rng(0).uniform(-1, 1, (400, 50)))
    for at_zero in (None, jnp.ones_like(weight)):
        left, noise = left_of(number(wire), weight, at_zero, False)
        assert np.isfinite(left).all()
        assert ((np.asarray(noise) >= 0) & (np.asarray(noise) <= 1)).all()
        assert np.abs(left).max() <= 1


# Published numbers of 64 x 64 crossbars whose cells conduct 1 ± 0.3 uniformly, inputs in 0 … 1.
@pytest.mark.parametrize(("wire", "slope"), [(1e-4, 0.720), (12.5e-6 * 5, 0.809)])
def test_a_cell_about_the_middle_of_its_window_loads_the_wires(wire, slope):
    rng = np.random.default_rng(0)
    weight, x = rng.uniform(-0.3, 0.3, (64, 64)), rng.uniform(0, 1, (500, 64))
    wanted, middle = x @ weight, np.ones((64, 64))
    of = lambda left: np.sum((x @ left) * wanted) / np.sum(wanted**2)
    first = effective_conductance(middle + weight, wire)
    pair = (first - effective_conductance(middle - weight, wire)) / 2
    for exact, is_pair in ((pair, True), (first - effective_conductance(middle, wire), False)):
        ours, _ = left_of(number(wire), number(weight), number(middle), is_pair)
        assert of(exact) == pytest.approx(slope, abs=0.015)
        assert of(np.asarray(ours, float)) == pytest.approx(of(exact), abs=0.003)
    # As if zero weight were zero conductance.
    assert of(np.asarray(left_of(number(wire), number(weight))[0], float)) > 0.96


class Dense(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(COLUMNS, use_bias=False)(x)


NETWORK = from_module(Dense(), (ROWS,))


def made(device, resistance=5.0, network=NETWORK):
    """A chip of the cells of a sheet, anywhere in their window, and what it is made of."""
    config = Config(task="parity", windows=1, device=device, array=ArrayConfig(ir_drop=resistance))
    cell = cell_of(config.device)
    wires = NetworkParams(wire_drop=number(wire_drop(config)))
    machine = Machine(
        Design(network, law=cell.law, is_pair=cell.is_pair),
        ChipParams(synapse=SYNAPSE, device=cell.params, network=wires),
        Tau(1, 1, 1),
    )
    chip, rng = fabricate(machine, root_key(1, 0)), np.random.default_rng(2)
    low, high = (float(b) for b in (cell.params.weight_min, cell.params.weight_max))

    def anywhere(one):
        weight = number(rng.uniform(low, high, one.weight.shape))
        return one.replace(weight=weight, seen=None if one.seen is None else weight)

    return machine, chip.replace(cells=over_arrays(anywhere, chip.cells))


def siemens(sheet, weight):
    """What cells conduct, from the file of the sheet: its window lies on that of the weights."""
    told = tomllib.loads((SHEETS / f"{sheet}.toml").read_text(encoding="utf-8"))["quantities"]
    value = lambda name, default=None: told[name]["value"] if name in told else default
    if "resistance_on" in told:
        high = 1e-3 / value("resistance_on")
        low = high / value("on_off_ratio")
    else:
        low, high = 1e-6 * value("conductance_min"), 1e-6 * value("conductance_max")
    w_low, w_high = value("weight_min", -1.0), value("weight_max", 1.0)
    slope = (high - low) / (w_high - w_low)
    return low + slope * (weight - w_low), slope


def as_array(chip):
    (cell,) = jax.tree.leaves(chip.cells, is_leaf=lambda one: isinstance(one, CellState))
    return np.asarray(cell.weight, float)


@pytest.mark.parametrize(
    ("sheet", "is_pair"),
    [
        ("pcm_joshi2020", None), ("pcm_joshi2020", True),
        ("epiram_choi2018", None), ("epiram_choi2018", True),
        ("taox_hfox_wu2018", None), ("taox_hfox_wu2018", True),
        ("pcm_nandakumar2020", None),
    ],
)  # fmt: skip
def test_cells_of_a_sheet_conduct_what_it_says(sheet, is_pair):
    """Wires of 5 to 10 Ω; cells of a pair of its own, or one and a reference at zero weight."""
    resistance = 5.0 if "pcm" in sheet else 10.0
    device = msgspec.structs.replace(IDEAL_CELL, sheet=sheet, is_pair=is_pair)
    machine, chip = made(device, resistance)
    cells = as_array(chip)
    conducting, slope = siemens(sheet, cells)
    if machine.design.is_pair:
        first, second = conducting
    else:
        first, second = conducting, np.full_like(conducting, siemens(sheet, 0.0)[0])
    exact = effective_conductance(first, resistance) - effective_conductance(second, resistance)
    exact /= 2 * slope if machine.design.is_pair else slope
    theta, x = weights(chip), number(np.random.default_rng(3).uniform(0, 1, (50, ROWS)))
    left, _ = effective(NETWORK, machine.params.network, theta, x, encodings(machine, chip))
    ours = np.asarray(left["Dense_0"]["kernel"], float)
    loss = max(first_order(g, resistance).max() for g in (first, second))
    assert loss > 0.02
    top = max(first.max(), second.max()) / slope
    assert np.abs(ours - exact).max() < 0.1 * top * loss**2 + 2e-6
    # And so it is in a pass of the chip.
    keys = jax.random.split(jax.random.key(0), 50)
    read = np.asarray(jax.jit(read_out)(machine, chip, theta, x, keys))
    np.testing.assert_allclose(read, np.asarray(x) @ ours, rtol=1e-4, atol=1e-4)


def test_a_perturbed_pass_sees_the_drop_of_the_kick():
    device = msgspec.structs.replace(IDEAL_CELL, sheet="pcm_joshi2020", is_pair=True)
    machine, chip = made(device)
    theta, rng = weights(chip), np.random.default_rng(5)
    kick = 0.05 * rng.choice([-1.0, 1.0], (ROWS, COLUMNS))
    x = jnp.zeros((1, ROWS))

    def met(theta):
        own = encodings(machine, chip)
        return np.asarray(effective(NETWORK, machine.params.network, theta, x, own)[0]["Dense_0"][
            "kernel"], float)  # fmt: skip

    added = met(jax.tree.map(lambda w: w + number(kick), theta)) - met(theta)

    def exact(kick):
        first, second = (siemens("pcm_joshi2020", w + s * kick)[0]
                         for w, s in zip(as_array(chip), (1, -1), strict=True))  # fmt: skip
        left = effective_conductance(first, 5.0) - effective_conductance(second, 5.0)
        return left / 2 / siemens("pcm_joshi2020", 0.0)[1]

    expected = exact(kick) - exact(0.0)
    error = np.abs(added - expected).max()
    assert error < 0.05 * np.abs(kick - expected).max()
    assert np.abs(kick - expected).max() > 0.03 * 0.05


def test_a_reference_that_is_off_loads_the_wires_too():
    """The window is the cell's own: the weight is what is left of it over its reference."""
    off = np.random.default_rng(7).normal(0, 0.1, (ROWS, COLUMNS))
    params = DeviceParams(weight_min=number(-1), weight_max=number(1), reference_spread=number(0.1))
    wires = NetworkParams(wire_drop=number(1e-4))
    machine = Machine(
        Design(NETWORK), ChipParams(synapse=SYNAPSE, device=params, network=wires), Tau(1, 1, 1)
    )
    chip = fabricate(machine, root_key(1, 0))
    traits = chip.traits.device["Dense_0"]["kernel"].replace(reference=number(off))
    device = {"Dense_0": {"kernel": traits}}
    chip = chip.replace(traits=chip.traits.replace(device=device))
    theta = np.asarray(weights(chip)["Dense_0"]["kernel"], float)
    exact = effective_conductance(1 + off + theta, 1e-4) - effective_conductance(1 + off, 1e-4)
    left, _ = effective(
        NETWORK, wires, weights(chip), jnp.zeros((1, ROWS)), encodings(machine, chip)
    )
    loss = first_order(1 + off + theta, 1e-4).max()
    assert np.abs(left["Dense_0"]["kernel"] - exact).max() < 0.1 * 2 * loss**2


def share_of(conductance, row, column, wire):
    """What is left at the end of its column of a small change of one cell, by Kirchhoff."""
    small = np.zeros_like(conductance)
    small[row, column] = 1e-4
    up, down = (effective_conductance(conductance + s * small, wire) for s in (1, -1))
    return (up - down)[row, column] / 2e-4


@pytest.mark.parametrize("place", [(0, 11), (12, 7)])
def test_noise_of_a_cell_passes_the_wires_as_its_signal_does(place):
    rng, wire, shape = np.random.default_rng(8), 5e-4, (24, 12)
    first, second = (rng.uniform(0.5, 1.5, shape) for _ in range(2))
    weight, at_zero = (first - second) / 2, (first + second) / 2
    of = [share_of(g, *place, wire) for g in (first, second)]
    assert max(of) < 0.9
    _, share = left_of(number(wire), number(weight), number(at_zero), True)
    assert np.asarray(share)[place] == pytest.approx(np.hypot(*of) / 2**0.5, rel=0.03)
    # One cell above a reference that is read without noise.
    _, share = left_of(number(wire), number(weight), number(at_zero), False)
    assert np.asarray(share)[place] == pytest.approx(of[0], rel=0.03)


@pytest.mark.parametrize("is_pair", [True, False])
def test_the_output_has_the_noise_that_wires_leave(is_pair):
    """White noise of the cells, told once for all, and relative noise with its own σ of each."""
    reads, scale = 2000, 1.0
    window = {"weight_min": number(-1), "weight_max": number(1)}
    for told in ("uniform", "own"):
        device = DeviceParams(**window, read_noise_relative=number(0.1)) if told == "own" else (
            DeviceParams(**window)
        )  # fmt: skip
        wires = NetworkParams(
            wire_drop=number(5e-4),
            read_noise=number(0.05) if told == "uniform" else None,
            weight_scale=number(scale) if told == "own" else None,
        )
        machine = Machine(
            Design(NETWORK, is_pair=is_pair),
            ChipParams(synapse=SYNAPSE, device=device, network=wires),
            Tau(1, 1, 1),
        )
        chip = fabricate(machine, root_key(1, 0))
        x = jnp.abs(jax.random.normal(jax.random.key(3), (ROWS,)))
        keys = jax.random.split(jax.random.key(4), reads)
        outputs = jax.jit(read_out)(machine, chip, weights(chip), jnp.tile(x, (reads, 1)), keys)
        weight = np.asarray(weights(chip)["Dense_0"]["kernel"], float)
        conducting = [1 + weight, 1 - weight] if is_pair else [1 + weight]
        power = np.asarray(x, float) ** 2
        cells = [np.asarray(compiled(number(5e-4), number(g))[0], float) for g in conducting]
        left = np.mean(np.square(cells), axis=0)
        # The relative noise of both cells of a pair is that of their common signal.
        sigma = 0.05 if told == "uniform" else 0.1 * np.abs(weight) / (2**0.5 if is_pair else 1)
        expected, unwired = power @ (left * sigma**2), power @ (np.ones_like(left) * sigma**2)
        assert (unwired > 1.2 * expected).all()
        for column in (0, COLUMNS - 1):
            assert_variance(np.asarray(outputs)[:, column], expected[column])
