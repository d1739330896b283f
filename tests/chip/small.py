"""Small chips that tests build on."""

import jax
import jax.numpy as jnp

from neuromgd.bus.meter import BusParams
from neuromgd.chip.design import ChipParams
from neuromgd.data.sample import Sample
from neuromgd.device.params import DeviceParams
from neuromgd.network.mlp import MLP
from neuromgd.network.network import from_module
from neuromgd.network.params import NetworkParams
from neuromgd.synapse.state import SynapseParams


def number(value: float) -> jax.Array:
    return jnp.asarray(value, jnp.float32)


NETWORK = from_module(MLP((6, 3), activation="tanh"), (5,))
# Half the arrays, and half the time to compile: where it does not matter what is behind a layer.
ONE_LAYER = from_module(MLP((3,), output_activation="tanh"), (5,))


IDEAL = ChipParams(synapse=SynapseParams(amplitude=number(1e-2), learning_rate=number(0.3)))


# Every effect at once.
NOISY = ChipParams(
    synapse=SynapseParams(
        amplitude=number(1e-2), learning_rate=number(0.3), amplitude_spread=number(0.1)
    ),
    device=DeviceParams(
        update_step=number(1e-3),
        weight_min=number(-1),
        weight_max=number(1),
        law_numbers={"nonlinearity_up": number(0.5), "nonlinearity_down": number(0.2)},
        update_noise=number(1e-3),
        write_noise=number(1e-2),
    ),
    network=NetworkParams(output_noise=number(1e-3), read_noise=number(1e-3)),
    bus=BusParams(
        cost_gain=number(1.1),
        cost_offset=number(0.3),
        deadband=number(1e-4),
        broadcast_noise=number(1e-3),
        cost_noise=number(1e-3),
        delta_top=number(127),
        delta_range=number(0.05),
    ),
)


def samples(count: int, seed: int) -> Sample:
    x = jax.random.normal(jax.random.key(seed), (count, 5))
    return Sample(x, jnp.arange(count, dtype=jnp.int32) % 3)


# Learning circuits and receivers with every defect, on top of that.
CIRCUITS = NOISY.replace(
    network=NOISY.network.replace(activation_defects=number(0.1), crosstalk=number(0.01)),
    synapse=NOISY.synapse.replace(
        amplitude_asymmetry_spread=number(0.1),
        storage_flip_rate=number(0.05),
        storage_noise=number(0.1),
        storage_top=number(127),
        storage_range=number(2),
        multiplier_gain_spread=number(0.1),
        multiplier_offset_spread=number(0.01),
        accumulator_top=number(1023),
        accumulator_range=number(50),
        accumulator_leak=number(0.01),
    ),
    bus=NOISY.bus.replace(
        reception_gain_spread=number(0.1),
        reception_noise=number(1e-3),
        drop_rate=number(0.05),
        chip_drop_rate=number(0.05),
    ),
)
