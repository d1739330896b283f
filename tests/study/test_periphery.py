"""Options of the periphery: what they need, and what they do to a run."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window
from neuromgd.data.dataset import Dataset
from neuromgd.device.params import DeviceParams
from neuromgd.errors import InputError
from neuromgd.fleet.chips import make_chips
from neuromgd.network.crossbar import effective
from neuromgd.options.config import ArrayConfig, Config
from neuromgd.options.device import IDEAL_CELL, OPTIONS, DeviceConfig
from neuromgd.options.read import base
from neuromgd.plan.plan import Parts, plan
from neuromgd.randomness import Stream, root_key, stream
from neuromgd.study.train import train
from tests.chip.small import IDEAL, NETWORK, number, samples


class Plain(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(1)(nn.relu(nn.Dense(2)(x)))


def planned(array=None, device=None, parts=None):
    config = Config(task="parity", windows=4, array=array or ArrayConfig())
    if device is not None:
        config = Config(task="parity", windows=4, device=device, array=array or ArrayConfig())
    return plan(config, parts or Parts())


def test_defects_need_neurons():
    array = ArrayConfig(activation_defects=0.1)
    assert float(planned(array).params.network.activation_defects) == pytest.approx(0.1)
    with pytest.raises(InputError, match=r"neuromgd\.Neurons"):
        planned(array, parts=Parts(network=Plain()))


class Normed(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(1)(nn.LayerNorm()(nn.Dense(2)(x)))


@pytest.mark.parametrize("effect", [{"adc_bits": 4}, {"dac_bits": 4}, {"output_noise": 0.1}])
def test_no_network_is_simulated_by_half(effect):
    array = ArrayConfig(**effect)
    assert planned(array, parts=Parts(network=Plain()))
    assert planned(parts=Parts(network=Normed()))
    with pytest.raises(InputError, match=r"LayerNorm_0/bias .* in no array") as refused:
        planned(array, parts=Parts(network=Normed()))
    assert "\n" not in str(refused.value)


class Everything(nn.Module):
    """Tokens, an array called twice and one read from both sides; attention and a cell on top."""

    cell: type[nn.RNNCellBase] | None

    @nn.compact
    def __call__(self, tokens):
        table, shared = nn.Embed(6, 4), nn.Dense(4)
        x = shared(table(tokens))
        if self.cell is None:
            return nn.Dense(2)(table.attend(shared(x)[:, -1]))
        x = shared(x + nn.MultiHeadDotProductAttention(num_heads=2)(x, x))
        return nn.Dense(2)(table.attend(nn.RNN(self.cell(4))(x)[:, -1]))


@pytest.mark.parametrize(
    ("cell", "arrays"),
    [
        pytest.param(None, 0, marks=pytest.mark.slow),
        pytest.param(nn.SimpleCell, 4 + 2, marks=pytest.mark.slow),
        pytest.param(nn.LSTMCell, 4 + 8, marks=pytest.mark.slow),
    ],
)
def test_tokens_attention_recurrence_and_tied_weights_train(tmp_path, cell, arrays):
    """Through training, scoring and calibration, with every part of the periphery."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 6, (40, 3))
    y = (x[:, 0] == x[:, -1]).astype(np.int32)
    data = Dataset("tokens", x[:32], y[:32], x[32:], y[32:], scale=None, classes=2, outputs=2)
    config = Config(
        task="parity", chips=1, windows=3, batch=4, log_every=3, out=str(tmp_path / "run"),
        array=ArrayConfig(dac_bits=6, adc_bits=6, output_noise=0.01),
        device=DeviceConfig(read_noise=0.01), generator="threefry",
    )  # fmt: skip
    run = train(config, parts=Parts(data=data, network=Everything(cell)))
    adc = run.chips.traits.converters.adc
    # An embedding and its other side, one called twice, the output, and what is on top.
    assert len(adc) == 2 + 1 + 1 + arrays
    assert all(float(one.full_scale[0]) > 0 for one in adc)
    assert np.isfinite(run.summary["cost"])
    first = run.plan.design.network.initialise(
        stream(root_key(0, 0, config.generator), Stream.INITIAL)
    )
    moved = jax.tree.map(
        lambda old, new: np.abs(new[0] - old).max() > 0, first, jax.vmap(weights)(run.chips)
    )
    assert all(jax.tree.leaves(moved))


def test_a_drop_along_wires_needs_a_conductance():
    with pytest.raises(InputError, match="cell_conductance"):
        planned(ArrayConfig(ir_drop=1.0))
    with pytest.raises(InputError, match="no effect without"):
        planned(ArrayConfig(cell_conductance=1e-5))
    told = planned(ArrayConfig(ir_drop=2.0, cell_conductance=1e-5))
    assert float(told.params.network.wire_drop) == pytest.approx(2e-5)


def test_a_sheet_tells_its_conductance():
    device = DeviceConfig(sheet="epiram_choi2018", **{
        name: None for name in IDEAL_CELL.__struct_fields__ if name.startswith("update_")
    })  # fmt: skip
    assert float(planned(ArrayConfig(ir_drop=1.0), device).params.network.wire_drop) > 0


@pytest.mark.parametrize("name", ["activation_defects", "crosstalk"])
def test_the_periphery_shows_in_training(name):
    ideal = base(is_ideal=True)
    assert getattr(ideal.array, name) is None
    params = IDEAL.replace(network=IDEAL.network.replace(**{name: number(0.05)}))
    machines = [Machine(Design(NETWORK), p, Tau(1, 4, 4)) for p in (IDEAL, params)]
    chips = [fabricate(machine, root_key(1, 0)) for machine in machines]
    records = [
        jax.jit(window)(machine, chip, jnp.int32(0), samples(4, seed=1))[1]
        for machine, chip in zip(machines, chips, strict=True)
    ]
    costs = [record.cost for record in records]
    assert abs(costs[0] - costs[1]) > 1e-3


# A chip that warms up.

LEAKY = DeviceParams(
    leak_time=number(100.0), leak_activation=number(6000.0),
    temperature=number(300.0), reference_temperature=number(300.0),
)  # fmt: skip


def test_a_ramp_of_the_temperature_leaks_as_the_sum_of_its_windows():
    windows, end = 6, 360.0
    still = IDEAL.synapse.replace(learning_rate=number(0))
    rate = (end - 300.0) / windows
    params = IDEAL.replace(
        synapse=still, device=LEAKY, seconds_per_timestep=number(2.0), warming=number(rate)
    )
    design, tau = Design(NETWORK), Tau(1, 4, 4)
    chip = fabricate(Machine(design, params, tau), root_key(1, 0))
    before = weights(chip)
    for n in range(windows):
        machine = Machine(design, params, tau)
        chip, _ = jax.jit(window)(machine, chip, jnp.int32(n), samples(4, seed=n))
    temperatures = 300.0 + rate * np.arange(windows)
    age = np.sum(8.0 * np.exp(6000.0 * (1 / 300.0 - 1 / temperatures)))
    for old, new in zip(jax.tree.leaves(before), jax.tree.leaves(weights(chip)), strict=True):
        np.testing.assert_allclose(new, old * np.exp(-age / 100.0), rtol=1e-4, atol=1e-7)


def test_an_end_temperature_needs_what_depends_on_it():
    with pytest.raises(InputError, match=r"drift_activation or device\.leak_activation"):
        planned(device=DeviceConfig(temperature_end=350.0))
    numbers = {
        name: float(value)
        for name, value in vars(LEAKY).items()
        if name in OPTIONS and value is not None
    }
    device = DeviceConfig(temperature_end=340.0, seconds_per_timestep=1.0, **numbers)
    assert float(planned(device=device).params.warming) == pytest.approx(10.0)


@pytest.mark.slow
def test_converters_are_set_behind_the_crosstalk_that_signals_meet():
    def largest(crosstalk):
        array = ArrayConfig(adc_bits=8, crosstalk=crosstalk)
        config = Config(task="parity", windows=4, chips=1, array=array)
        todo = plan(config)
        chips = make_chips(config, todo)
        told = [float(converter.full_scale[0]) for converter in chips.traits.converters.adc]
        theta = jax.tree.map(lambda leaf: leaf[0], weights(chips))
        x = jnp.asarray(todo.data.train_x, jnp.float32) * todo.data.scale
        met = effective(todo.design.network, todo.params.network, theta, x)[0]["Dense_0"]
        # A window shows all four samples.
        seen = np.abs(np.asarray(x @ met["kernel"] + met["bias"][None])).max()
        return told[0], float(seen)

    told, seen = largest(None)
    scale = told / seen
    crossed, seen_crossed = largest(0.4)
    assert abs(seen_crossed / seen - 1) > 0.05, "crosstalk changes what is seen"
    assert crossed / seen_crossed == pytest.approx(scale, rel=1e-5)
