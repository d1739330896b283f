"""Ten networks that no task has numbers for learn, with nothing but their length given."""

import jax
import jax.numpy as jnp
import pytest
from flax import linen as nn

from neuromgd.errors import ProbedWarning
from neuromgd.options.config import Config
from neuromgd.plan.plan import Parts
from neuromgd.study.train import train


class ResidualCNN(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.relu(nn.Conv(6, (3, 3))(x[..., None]))
        x = x + nn.relu(nn.Conv(6, (3, 3))(x))
        return nn.Dense(10)(nn.avg_pool(x, (4, 4), (4, 4)).reshape(len(x), -1))


class LeakyIntegrateAndFire(nn.Module):
    @nn.compact
    def __call__(self, x):
        current, read = nn.Dense(32)(x.reshape(len(x), -1)), nn.Dense(10)
        membrane, sum_of_spikes = jnp.zeros_like(current), 0.0
        for _ in range(6):
            membrane = 0.8 * membrane + current
            spikes = (membrane > 1).astype(x.dtype)
            membrane = membrane * (1 - spikes)
            sum_of_spikes = sum_of_spikes + read(spikes)
        return sum_of_spikes / 6


class Transformer(nn.Module):
    @nn.compact
    def __call__(self, x):
        h = nn.Dense(16)(x) + self.param("place", nn.initializers.normal(0.1), (8, 16))
        q, k, v = (nn.Dense(16, name=name)(h) for name in "qkv")
        h = h + nn.Dense(16)(nn.softmax(q @ jnp.swapaxes(k, 1, 2) / 4) @ v)
        h = h + nn.Dense(16)(nn.relu(nn.Dense(32)(h)))
        return nn.Dense(10)(h.mean(1))


class Recurrent(nn.Module):
    @nn.compact
    def __call__(self, x):
        of_input, of_state = nn.Dense(24), nn.Dense(24, use_bias=False)
        state = jnp.zeros((len(x), 24))
        for row in range(8):
            state = jnp.tanh(of_input(x[:, row]) + of_state(state))
        return nn.Dense(10)(state)


class Tied(nn.Module):
    @nn.compact
    def __call__(self, x):
        x, again = nn.Dense(32)(x.reshape(len(x), -1)), nn.Dense(32)
        for _ in range(3):
            x = nn.relu(again(x))
        return nn.Dense(10)(x)


class Embedding(nn.Module):
    @nn.compact
    def __call__(self, x):
        tokens = jnp.clip((x.reshape(len(x), -1) * 4).astype(jnp.int32), 0, 4)
        return nn.Dense(10)(nn.Embed(5, 4)(tokens).reshape(len(x), -1))


class Layers(nn.Module):
    widths: tuple[int, ...]
    is_tanh: bool = False
    has_bias: bool = True

    @nn.compact
    def __call__(self, x):
        x = x.reshape(len(x), -1)
        for width in self.widths:
            x = nn.Dense(width, use_bias=self.has_bias)(x)
            x = nn.tanh(x) if self.is_tanh else nn.relu(x)
        return nn.Dense(10, use_bias=self.has_bias)(x)


NETWORKS = {
    "residual cnn": ResidualCNN(),
    "leaky integrate and fire": LeakyIntegrateAndFire(),
    "transformer": Transformer(),
    "recurrent": Recurrent(),
    "tied weights": Tied(),
    "deep and narrow": Layers((12,) * 6),
    "wide and shallow": Layers((512,)),
    "tanh": Layers((32, 32), is_tanh=True),
    "no bias": Layers((32,), has_bias=False),
    "embedding": Embedding(),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_it_reaches_twice_chance_with_no_option_given(name, tmp_path):
    config = Config(task="digits", windows=2000, chips=2, log_every=2000, out=str(tmp_path))
    # A user's JAX is not strict.
    with (
        jax.numpy_dtype_promotion("standard"),
        jax.numpy_rank_promotion("allow"),
        pytest.warns(ProbedWarning, match="learning.rate"),
    ):
        run = train(config, parts=Parts(network=NETWORKS[name]))
    # Of a deep, narrow network with rectifiers a chip may begin with many neurons that are off.
    assert run.summary["accuracy"] > 2 * run.summary["accuracy_chance"]
