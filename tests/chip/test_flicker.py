"""1/f noise of readings that are compared: its autocovariance is that of the stated spectrum."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from scipy import integrate
from scipy.special import sici

from neuromgd.bus.references import REFERENCES
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.passes import costs, read_out, reference_costs, time_apart
from neuromgd.data.sample import Sample
from neuromgd.device.flicker import cosine_integral, flicker_ratio, flicker_variances
from neuromgd.device.params import DeviceParams, cell_params
from neuromgd.device.read_noise import read_deviation
from neuromgd.device.retention import advance
from neuromgd.device.traits import ALIKE
from neuromgd.network.network import Network, from_module
from neuromgd.network.params import NetworkParams
from neuromgd.randomness import Stream, root_key, stream
from neuromgd.synapse.state import SynapseParams
from tests.chip.small import number
from tests.device.cells import params, stored
from tests.statistics import assert_mean, assert_uncorrelated, assert_variance

Q, T0, READ = 0.02, 20.0, 250e-9
FLICKER = dict(
    flicker_noise=Q, drift_reference_time=T0, read_time=READ, zero_signal_weight=-1, weight_min=-1,
    weight_max=1,
)  # fmt: skip
READINGS, ONE = 20_000, Tau(1, 1, 1)
X = np.array([0.5, -1.0, 2.0, 0.3, 1.0], np.float32)


def covariance(apart: float, age: float = 0.0) -> float:
    """R(τ)/(QG)² of the spectrum 1/f, in closed form."""
    low, high = 2 * np.pi * apart / (age + T0 + READ), np.pi * apart / READ
    return sici(high)[1] - sici(low)[1]


def test_the_cosine_integral_is_good_near_and_far():
    x = np.concatenate([np.geomspace(1e-6, 1e6, 999), np.linspace(0.1, 40, 999)])
    expected = np.euler_gamma + np.log(x) - sici(x)[1]
    np.testing.assert_allclose(cosine_integral(jnp.asarray(x, jnp.float32)), expected, atol=1e-4)
    assert float(cosine_integral(jnp.zeros(()))) == 0


@pytest.mark.parametrize("age", [0.0, 1e3])
@pytest.mark.parametrize("apart", [1e-6, 3e-4, 0.1, 40.0])
def test_the_shared_part_is_the_autocovariance_of_the_spectrum(apart, age):
    p = params(drift_exponent=0.0, **FLICKER)
    cell = advance(p, ALIKE, stored(p, [0.3]), number(age))
    whole, shared = flicker_variances(p, ALIKE, cell, number(apart))
    np.testing.assert_allclose(whole, Q**2 * np.log((age + T0 + READ) / (2 * READ)), rtol=1e-5)
    np.testing.assert_allclose(whole, flicker_ratio(p, ALIKE, cell) ** 2, rtol=1e-5)
    np.testing.assert_allclose(shared, Q**2 * max(covariance(apart, age), 0), atol=2e-4 * Q**2)


def test_the_closed_form_is_the_integral_over_the_spectrum():
    low, high, apart = 0.01, 50.0, 0.2
    oracle, _ = integrate.quad(
        lambda u: np.cos(2 * np.pi * np.exp(u) * apart), *np.log([low, high])
    )
    p = params(**FLICKER | dict(read_time=1 / (2 * high), drift_reference_time=1 / low - 0.01))
    _, shared = flicker_variances(p, ALIKE, stored(p, [0.3]), number(apart))
    np.testing.assert_allclose(shared / Q**2, oracle, atol=2e-4)


def test_readings_at_once_share_all_and_those_far_apart_nothing():
    p = params(**FLICKER)
    for apart, share in ((0.0, 1.0), (1e4, 0.0)):
        whole, shared = flicker_variances(p, ALIKE, stored(p, [0.3]), number(apart))
        np.testing.assert_allclose(shared / whole, share, atol=1e-3)


def machine_of(reference="two_pass", tau=ONE, seconds=None, **numbers):
    network = from_module(nn.Dense(1, use_bias=False), (5,))
    theta = {"kernel": jnp.linspace(-0.5, 0.5, 5)[:, None]}
    network = Network(initialise=lambda key: theta, apply=network.apply)
    design = Design(network, cost=lambda output, _: output[0], reference=REFERENCES[reference])
    chip_params = ChipParams(
        synapse=SynapseParams(amplitude=number(1e-2), learning_rate=number(0.3)),
        device=cell_params(FLICKER | numbers),
        seconds_per_timestep=None if seconds is None else number(seconds),
        network=NetworkParams(weight_scale=number(1)),
    )
    machine = Machine(design, chip_params, tau)
    return machine, fabricate(machine, root_key(1, 0))


def readings(machine, chip, count=READINGS):
    """(count,) readings under the kick and of the reference that each is held against."""
    n, tau = jnp.arange(count), machine.tau
    shown = Sample(jnp.tile(X, (count, 1)), jnp.zeros(count))
    theta = weights(chip)
    one = costs(machine, chip, theta, shown, Stream.READ, n)
    other = costs(machine, chip, theta, shown, Stream.READ_REFERENCE, n)
    if machine.design.reference.side == 0:
        reference = reference_costs(machine, chip, theta, shown, n)
        np.testing.assert_array_equal(reference, other)
    return np.asarray(one), np.asarray(other)[machine.design.reference.latest(n, *tau[::2])]


def signal(machine) -> float:
    """Σ (QGx)² of the one output."""
    weight = np.linspace(-0.5, 0.5, 5)
    return float(Q**2 * np.sum((weight + 1) ** 2 * X**2))


@pytest.mark.parametrize("reference", ["two_pass", "central"])
@pytest.mark.parametrize("apart", [1e-6, 1e-3])
def test_two_passes_differ_by_what_is_faster_than_the_time_between(reference, apart):
    machine, chip = machine_of(reference, pass_time=apart)
    one, other = readings(machine, chip)
    whole = signal(machine) * covariance(0.25e-12)
    assert whole == pytest.approx(signal(machine) * np.log((T0 + READ) / (2 * READ)), rel=1e-3)
    assert_variance(one, whole)
    assert_variance(other, whole)
    assert_variance(one - other, 2 * (whole - signal(machine) * covariance(apart)))
    assert_mean(one - other, 0, 2 * (whole - signal(machine) * covariance(apart)), sees=0.06)
    # Timesteps are told apart.
    assert_uncorrelated(np.stack([one[:-1:2], one[1::2]], axis=1))


def test_a_microsecond_apart_the_noise_of_a_difference_is_less_than_half():
    machine, chip = machine_of(pass_time=1e-6)
    one, other = readings(machine, chip)
    drawn_apart = np.sqrt(one.var() + other.var())
    assert drawn_apart / (one - other).std() == pytest.approx(2.37, rel=0.03)


def test_white_noise_stays_of_each_reading():
    machine, chip = machine_of(pass_time=1e-6, read_noise=0.1)
    one, other = readings(machine, chip)
    fast = signal(machine) * (np.log(T0 / (2 * READ)) - covariance(1e-6))
    assert_variance(one - other, 2 * (fast + 0.1**2 * float(np.sum(X**2))))


def test_a_held_reference_is_older():
    machine, chip = machine_of("reuse", Tau(5, 5, 5), seconds=1e-3, pass_time=1e-6)
    assert float(time_apart(machine)) == pytest.approx(1e-6 + 1e-3 * 2, rel=1e-5)
    one, other = readings(machine, chip)
    # Those of one hold share their reference: one of each five stands alone.
    apart = signal(machine) * (np.log(T0 / (2 * READ)) - covariance(2.001e-3))
    assert_variance((one - other)[3::5], 2 * apart)


def test_the_time_between_passes_is_given_or_half_a_timestep_or_that_of_a_reading():
    assert float(time_apart(machine_of()[0])) == pytest.approx(READ)
    assert float(time_apart(machine_of(seconds=1e-3)[0])) == pytest.approx(5e-4)
    assert float(time_apart(machine_of(seconds=1e-3, pass_time=1e-5)[0])) == pytest.approx(1e-5)
    # No reading begins before the other has ended.
    assert float(time_apart(machine_of(pass_time=1e-9)[0])) == pytest.approx(READ)


def test_a_reading_alone_has_all_of_the_noise():
    machine, chip = machine_of(pass_time=1e-6)
    keys = jax.vmap(lambda n: stream(chip.key, Stream.TEST, n))(jnp.arange(READINGS))
    alone = read_out(machine, chip, weights(chip), jnp.tile(X, (READINGS, 1)), keys)[:, 0]
    assert_variance(alone, signal(machine) * np.log(T0 / (2 * READ)))


def test_no_strength_is_no_noise():
    machine, chip = machine_of(flicker_noise=0.0, pass_time=1e-6)
    one, other = readings(machine, chip, 9)
    np.testing.assert_array_equal(one, other)
    assert read_deviation(DeviceParams(), ALIKE, chip.cells["kernel"]) is None
