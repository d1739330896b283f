"""Networks that no chip can hold: refused in one line that names the module."""

import jax
import jax.numpy as jnp
import pytest
from flax import linen as nn

from neuromgd.errors import InputError
from neuromgd.network.network import Network, from_module
from neuromgd.network.network_check import refuse_network


class Dropped(nn.Module):
    deterministic: bool | None = None

    @nn.compact
    def __call__(self, x):
        return nn.Dense(3)(nn.Dropout(0.2, deterministic=self.deterministic)(x))


class Noisy(nn.Module):
    """Draws by itself."""

    @nn.compact
    def __call__(self, x):
        return nn.Dense(3)(x + jax.random.normal(self.make_rng("noise"), x.shape))


class Attending(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = x[:, None]
        return nn.MultiHeadDotProductAttention(num_heads=1, dropout_rate=0.1)(x, x)[:, 0]


class Switched(nn.Module):
    @nn.compact
    def __call__(self, x, is_training):
        return nn.Dense(3 if is_training else 2)(x)


class Looking(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Embed(5, 3)(x)[:, 0]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        (Dropped(), r"Dropped: Dropout_0 \(Dropout\) draws random"),
        (Dropped(False), r"Dropped: Dropout_0 \(Dropout\) draws random"),
        (Noisy(), "network Noisy draws random"),
        (Attending(), r"MultiHeadDotProductAttention_0 \(.*\) draws random"),
        (Switched(), "Switched: takes x, is_training"),
        (Looking(), r"Looking: Embed_0 \(Embed\) looks up whole numbers.*scale None"),
    ],
)
def test_a_module_that_no_chip_can_run_is_named(module, line):
    with pytest.raises(InputError, match=line) as refused:
        from_module(module, (4,))
    assert "\n" not in str(refused.value)


def test_dropout_that_is_off_and_tokens_that_are_whole_are_no_reason():
    from_module(Dropped(True), (4,))
    network = from_module(Looking(), (4,), jnp.int32)
    theta = network.initialise(jax.random.key(0))
    assert network.apply(theta, jnp.ones((2, 4), jnp.int32)).shape == (2, 3)


def plain(dtype=jnp.float32, out=lambda y: y):
    first = lambda key: {"arm": {"w": jnp.ones((4, 3), dtype)}}
    return Network(first, lambda theta, x: out(x @ theta["arm"]["w"]))


@pytest.mark.parametrize(
    ("network", "line"),
    [
        (plain(jnp.complex64), "mine: weights arm/w are complex64.*two real arrays"),
        (plain(jnp.int32, lambda y: y * 1.0), "mine: weights arm/w are int32"),
        (plain(out=lambda y: (y, y)), "mine: returns a tuple of 2 arrays"),
        (plain(out=lambda y: y[0]), r"mine: returns float32 \(3,\) for inputs \(2, 4\)"),
        (plain(out=lambda y: y.astype(jnp.int32)), "mine: returns int32"),
    ],
)
def test_weights_and_outputs_are_real(network, line):
    with pytest.raises(InputError, match=line) as refused:
        refuse_network(network, "mine", jax.ShapeDtypeStruct((2, 4), jnp.float32))
    assert "\n" not in str(refused.value)


def test_a_network_of_real_arrays_passes():
    refuse_network(plain(), "mine", jax.ShapeDtypeStruct((2, 4), jnp.float32))
