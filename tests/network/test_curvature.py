"""Cells that bend: the products of an array are summed by hand, cell by cell."""

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window, window_by_steps
from neuromgd.converter import quantise, top_level
from neuromgd.device.cell import read
from neuromgd.errors import InputError
from neuromgd.network.converters import converters
from neuromgd.network.curvature import curved
from neuromgd.network.forward import forward
from neuromgd.network.params import NetworkParams
from neuromgd.network.ranges import observed_ranges, readings
from neuromgd.options.config import ArrayConfig
from neuromgd.options.read import base, checked
from neuromgd.plan.curvature import curvature
from neuromgd.randomness import root_key
from tests.chip.small import IDEAL, NETWORK, number, samples
from tests.device.cells import params as cells_with
from tests.device.cells import stored

X = jax.random.uniform(jax.random.key(1), (7, 5), minval=-1.5, maxval=1.5)
KEYS = jax.random.split(jax.random.key(2), 7)
R = 2.5


def through(params, theta, network=NETWORK):
    return np.asarray(forward(network, params, converters(params), theta, X, KEYS))


def bent(x, full):
    x = np.asarray(x, float)
    return full / R * np.sinh(R * x / full)


@pytest.mark.parametrize("bits", [None, 5])
def test_currents_of_both_cells_of_a_pair_are_summed_at_their_voltages(bits):
    """I_j = Σ_i (G⁺_ij − G⁻_ij)/2 · V0 sinh(V_i/V0), with the voltages that a converter gives."""
    rng, p = np.random.default_rng(0), cells_with(weight_min=0, weight_max=2)
    theta = NETWORK.initialise(jax.random.key(0))
    pairs = jax.tree.map(
        lambda one: stored(p, rng.uniform(-1, 1, one.shape), is_pair=True), theta,
    )  # fmt: skip
    is_cell = lambda leaf: hasattr(leaf, "is_pair")
    own = jax.tree.map(read, pairs, is_leaf=is_cell)
    full = 1.0 if bits is None else 2.0
    dac = {} if bits is None else dict(dac_top=top_level(bits), dac_range=number(full))
    ours = through(NetworkParams(curvature=number(R), **dac), own)

    signal = X
    for name in ("Dense_0", "Dense_1"):
        shown = signal if bits is None else quantise(signal, number(full), top_level(bits))
        drive, cells = bent(shown, full), pairs[name]["kernel"].weight
        first, second = (np.asarray(one, float) for one in cells)
        current = drive @ first - drive @ second
        signal = np.asarray(current / 2 + np.asarray(own[name]["bias"], float), np.float32)
        if name == "Dense_0":
            signal = jnp.tanh(signal)
    np.testing.assert_allclose(ours, signal, rtol=2e-4, atol=2e-5)


def test_without_bend_it_is_the_ohmic_network():
    theta = NETWORK.initialise(jax.random.key(0))
    straight, none = (through(NetworkParams(curvature=r), theta) for r in (number(0), None))
    np.testing.assert_allclose(straight, none, rtol=1e-6, atol=1e-7)
    # Array by array.
    first = through(NetworkParams(curvature=jnp.asarray([R, 0.0])), theta)
    assert np.abs(first - none).max() > 0.1
    np.testing.assert_array_equal(through(NetworkParams(curvature=jnp.zeros(2)), theta), straight)


def test_every_array_bends_by_its_own_numbers():
    params, full = NetworkParams(curvature=jnp.asarray([R, 1.5])), jnp.asarray([1.0, 4.0])
    for array, (r, top) in enumerate(((R, 1.0), (1.5, 4.0))):
        wanted = top / r * np.sinh(r * np.asarray(X, float) / top)
        np.testing.assert_allclose(curved(params, full, array, X), wanted, rtol=1e-5)


def test_converters_see_the_bent_and_centred_signals():
    theta, params = NETWORK.initialise(jax.random.key(0)), NetworkParams(curvature=number(R))
    drive = lambda which, value, largest: curved(params, number(1), which, value)
    ranges = observed_ranges(NETWORK, theta, X, drive)
    own = theta["Dense_0"]
    first = bent(X, 1.0) @ np.asarray(own["kernel"], float) + np.asarray(own["bias"], float)
    np.testing.assert_allclose(ranges.dac[0], np.abs(X).max(), rtol=1e-6)
    np.testing.assert_allclose(ranges.adc[0], np.abs(first).max(), rtol=1e-5)
    # Rows that subtract all of it leave nothing for the first array but its bias.
    limit = params.replace(curvature=None, adc_top=top_level(8), adc_range=number(0.05))
    around = converters(limit)
    constant = jnp.broadcast_to(X[:1], X.shape)
    free = readings(NETWORK, limit, around, theta, constant).saturated
    centred = around.replace(centre={0: X[0]})
    assert float(free) > 0.5
    assert float(readings(NETWORK, limit, centred, theta, constant).saturated) == 0


def config(sheet=None, **array):
    start = base(True)
    device = msgspec.structs.replace(start.device, sheet=sheet)
    return checked(msgspec.structs.replace(
        start, task="parity", device=device, array=ArrayConfig(**array)
    ))  # fmt: skip


def test_voltages_are_the_sheet_s_or_the_options(tmp_path):
    assert curvature(config()) is None
    assert curvature(config(read_voltage=0.3, conduction_voltage=0.2)) == pytest.approx(1.5)
    with pytest.raises(InputError, match=r"has no effect without array\.read_voltage"):
        config(conduction_voltage=0.2)
    with pytest.raises(InputError, match=r"has no effect without array\.conduction_voltage"):
        config(read_voltage=0.2)
    from neuromgd.sheets import library

    name = "epiram_choi2018"
    text = library.text(library.locate("devices", name)).replace(f'"{name}"', '"bent"', 1)
    for key, value in (("read_voltage", -0.5), ("conduction_voltage", 0.25)):
        if f"[quantities.{key}]" not in text:
            text += f'\n[quantities.{key}]\nvalue = {value}\nunit = "V"\n'
            text += 'basis = "assumed"\nwhere = "test"\n'
    path = tmp_path / "bent.toml"
    path.write_text(text, encoding="utf-8")
    read_at = abs(float(curvature(config(str(path))))) * 0.25
    assert curvature(config(str(path), conduction_voltage=0.5)) == pytest.approx(read_at / 0.5)
    np.testing.assert_allclose(curvature(config(f"{path},ideal")), [read_at / 0.25, 0])


@pytest.mark.slow
def test_a_window_is_its_timesteps_and_bends_what_is_learnt():
    ends = []
    for r, engine in ((number(R), window), (number(R), window_by_steps), (None, window)):
        params = IDEAL.replace(network=NetworkParams(curvature=r))
        machine = Machine(Design(NETWORK), params, Tau(1, 2, 4))
        chip = fabricate(machine, root_key(3, 0))
        done, _ = jax.jit(engine)(machine, chip, jnp.asarray(0), samples(4, seed=1))
        ends.append(np.concatenate([np.ravel(one) for one in jax.tree.leaves(weights(done))]))
    np.testing.assert_allclose(ends[0], ends[1], atol=2e-5)
    assert np.abs(ends[0] - ends[2]).max() > 1e-3
