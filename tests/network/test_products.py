"""What a sample asks of the arrays, read off a trace: against what is known of each network."""

import jax
import jax.numpy as jnp
import pytest
from flax import linen as nn

from neuromgd.errors import InputError
from neuromgd.network.mlp import MLP
from neuromgd.network.network import Network, from_module
from neuromgd.network.products import products
from neuromgd.network.scale import scaled
from neuromgd.timing.products import Loop, Matrix, Product, Stage, dense
from neuromgd.timing.told import told


class Pictures(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.max_pool(nn.relu(nn.Conv(16, (3, 3))(x)), (2, 2), (2, 2))
        x = nn.relu(nn.Conv(8, (3, 3), strides=2, padding="VALID")(x))
        return nn.Dense(10)(x.reshape(x.shape[0], -1))


class Sequence(nn.Module):
    cell: type

    @nn.compact
    def __call__(self, x):
        return nn.Dense(3)(nn.RNN(self.cell(7))(x)[:, -1])


class WrittenOut(nn.Module):
    """Time steps one by one in Python; the array is the same in all of them."""

    @nn.compact
    def __call__(self, x):
        own, state = nn.Dense(5), jnp.zeros((x.shape[0], 5))
        for step in range(x.shape[1]):
            state = nn.tanh(own(jnp.concatenate([x[:, step], state], axis=1)))
        return nn.Dense(2)(state)


class Attention(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.Embed(50, 32)(x)
        x = nn.LayerNorm()(x + nn.MultiHeadDotProductAttention(4)(x, x))
        return nn.Dense(10)(x.mean(1))


def traced(module, shape, dtype=jnp.float32):
    return products(scaled(from_module(module, shape, dtype), 0.5), shape, dtype)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        (Pictures(), "28x28x1,conv:16x3,pool:2,conv:8x3/2:valid,10"),
        (Sequence(nn.SimpleCell), "9x6,rnn:7,3"),
        (Sequence(nn.LSTMCell), "9x6,lstm:7,3"),
        (Sequence(nn.GRUCell), "9x6,gru:7,3"),
    ],
)
def test_a_network_asks_for_what_a_line_says(module, line):
    """Matrices side by side are traced in the order of the module's own calls."""
    said = told(line)
    seen = traced(module, (28, 28, 1) if "conv" in line else (9, 6))
    shapes = lambda p: sorted((m.rows, m.columns, m.apart) for m in p.matrices)
    uses = lambda p: [(loop.turns, [len(s.products) for s in loop.stages]) for loop in p.loops]
    assert shapes(seen) == shapes(said)
    assert uses(seen) == uses(said)
    for fact in ("parameters", "operations", "inputs", "outputs", "turns"):
        assert getattr(seen, fact) == getattr(said, fact), fact


def test_dense_layers_are_what_their_sizes_say():
    assert traced(MLP((5, 2)), (3,)) == dense((3, 5, 2))


def test_an_array_that_is_called_again_waits_for_itself():
    seen = traced(WrittenOut(), (6, 4))
    assert seen.matrices == (Matrix(9, 5), Matrix(5, 2))
    assert seen.loops == (
        Loop((Stage((Product(0),)),), 6), Loop((Stage((Product(1),)),)),
    )  # fmt: skip


def test_joined_gates_are_arrays_of_their_own():
    seen = traced(Sequence(nn.OptimizedLSTMCell), (9, 6))
    assert sorted(m.rows for m in seen.matrices) == [6] * 4 + [7] * 5
    assert seen.parameters == traced(Sequence(nn.LSTMCell), (9, 6)).parameters


def test_groups_heads_and_tables():
    grouped = nn.Conv(8, (3, 3), feature_group_count=4)
    (only,) = traced(grouped, (5, 5, 4)).matrices
    assert only == Matrix(9, 2, apart=4)
    seen = traced(Attention(), (12,), jnp.int32)
    assert [[p.matrix for p in stage.products] for stage, _ in seen.stages] == [
        [0], [1, 2, 3], [4], [5],
    ]  # fmt: skip
    assert seen.loops[0].stages[0].products == (Product(0, 12, looks_up=True),)


def test_plain_functions_and_stacks():
    """A leaf is an array; a stack that a scan goes through is as many as it has."""

    def apply(theta, x):
        x, _ = jax.lax.scan(lambda h, w: (jnp.tanh(h @ w), None), x @ theta["in"], theta["deep"])
        return x * theta["gain"][None]

    shapes = {"in": (3, 4), "deep": (5, 4, 4), "gain": (4,)}
    network = Network(lambda key: {n: jnp.zeros(s) for n, s in shapes.items()}, apply)
    seen = products(network, (3,), jnp.float32)
    assert sorted((m.rows, m.columns) for m in seen.matrices) == [(3, 4)] + [(4, 4)] * 5
    assert [loop.turns for loop in seen.loops] == [1] * 6
    assert seen.parameters == 12 + 80 + 4


def test_what_no_clock_can_tell_is_refused():
    weights = lambda key: {"w": jnp.zeros((3, 3))}

    def until(theta, x):
        return jax.lax.while_loop(lambda h: h.sum() < 1, lambda h: h @ theta["w"], x)

    with pytest.raises(InputError, match="whose length hangs on the signals"):
        products(Network(weights, until), (3,), jnp.float32)
    with pytest.raises(InputError, match="no weights of it are in an array"):
        products(Network(weights, lambda theta, x: x * theta["w"][:1]), (3,), jnp.float32)
