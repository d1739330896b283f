"""How weights lie in crossbars, and what a neighbour does to a cell there."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.errors import InputError
from neuromgd.network.crossbar import coupled, effective
from neuromgd.network.network import Network, from_module
from neuromgd.network.params import NetworkParams
from neuromgd.network.wires import dropped


def cells(rows, columns, low=0.0, seed=0):
    return np.random.default_rng(seed).uniform(low, 1, (rows, columns)).astype(np.float32)


def test_a_cell_takes_on_a_share_of_its_neighbours():
    settings, share = jnp.asarray(cells(5, 7, low=-1)), 0.03
    expected = np.array(settings, float)
    places = [(row, column) for row in range(5) for column in range(7)]
    for here in places:
        for there in places:
            if abs(here[0] - there[0]) + abs(here[1] - there[1]) == 1:
                expected[here] += share * settings[there]
    ours = coupled(jnp.float32(share), settings)
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-7)


class Of(nn.Module):
    """A network of one module."""

    make: object

    @nn.compact
    def __call__(self, x):
        y = self.make()(x)
        return y.reshape(len(x), -1)


def grouped(kernel):
    """A convolution of two groups: the first half of the outputs never sees the second inputs."""
    flat = kernel.reshape(-1, kernel.shape[-1])
    return [flat[:, :4], flat[:, 4:]]


# Module, shape of its input, name of the array -> the crossbars that it lies in.
LIES = {
    "dense": (lambda: nn.Dense(4), (5,), lambda k: [k]),
    "dense of a sequence": (lambda: nn.Dense(4), (3, 5), lambda k: [k]),
    "heads": (lambda: nn.DenseGeneral((2, 3)), (5,), lambda k: [k.reshape(5, 6)]),
    "from heads": (
        lambda: nn.DenseGeneral(4, axis=(-2, -1)), (2, 3), lambda k: [k.reshape(6, 4)],
    ),
    "batched": (
        lambda: nn.DenseGeneral((2, 3), axis=-1, batch_dims=(0,)), (5,),
        lambda k: [one.reshape(5, 6) for one in k],
    ),
    "einsum": (
        lambda: nn.Einsum((5, 6, 7), "abc,cde->abde"), (4, 5), lambda k: [k.reshape(5, 42)],
    ),
    "einsum of two": (
        lambda: nn.Einsum((4, 7, 5), "abc,bec->ae"), (4, 5),
        lambda k: [k.transpose(0, 2, 1).reshape(20, 7)],
    ),
    "einsum with dots": (
        lambda: nn.Einsum((5, 7), "...c,cd->...d"), (4, 5), lambda k: [k],
    ),
    "einsum apart": (lambda: nn.Einsum((4, 5, 7), "abc,bcd->abd"), (4, 5), list),
    "convolution": (lambda: nn.Conv(4, (2, 3)), (5, 6, 2), lambda k: [k.reshape(12, 4)]),
    "groups": (lambda: nn.Conv(8, (2, 3), feature_group_count=2), (5, 6, 4), grouped),
    "local": (
        lambda: nn.ConvLocal(4, (2,), padding="VALID"), (5, 3), lambda k: list(k.reshape(4, 6, 4)),
    ),
    "transposed": (lambda: nn.ConvTranspose(4, (2,)), (5, 3), lambda k: [k.reshape(6, 4)]),
    "transposed kernel": (
        lambda: nn.ConvTranspose(4, (2,), transpose_kernel=True), (5, 3),
        lambda k: [k.transpose(0, 2, 1).reshape(6, 4)],
    ),
}  # fmt: skip


behind = jax.jit(lambda drop, weight: dropped(drop, weight)[0])


@jax.jit
def changed(strength, cells):
    return dropped(strength, coupled(strength, cells))[0]


@pytest.mark.parametrize("name", LIES)
def test_every_array_lies_as_its_module_uses_it(name):
    make, shape, crossbars = LIES[name]
    # What stands along the axis of samples is a batch of its own for one of them.
    network = from_module(Of(make), shape) if name != "batched" else of_three(make, shape)
    theta = network.initialise(jax.random.key(0))
    theta = jax.tree.map(lambda w: w + 0.1, theta)

    @jax.jit
    def met(strength):
        params = NetworkParams(crosstalk=strength, wire_drop=strength)
        return effective(network, params, theta, jnp.zeros((3, *shape)))[0]

    jax.tree.map(np.testing.assert_array_equal, met(jnp.float32(0)), theta)
    strength = jnp.float32(0.02)
    (before,), (after,) = theta.values(), met(strength).values()
    for own, other in zip(crossbars(before["kernel"]), crossbars(after["kernel"]), strict=True):
        np.testing.assert_allclose(other, changed(strength, own), rtol=1e-5, atol=1e-7)
    row = changed(strength, before["bias"].reshape(1, -1)).reshape(before["bias"].shape)
    np.testing.assert_allclose(after["bias"], row, rtol=1e-5, atol=1e-7)


def of_three(make, shape):
    module = Of(make)
    initialise = lambda key: module.init(key, jnp.zeros((3, *shape)))["params"]
    return Network(initialise, lambda theta, x: module.apply({"params": theta}, x[:3]))


@pytest.mark.slow
def test_rows_are_what_one_signal_drives():
    """The heads of an attention share the rows of its inputs, and are rows of its output."""
    module = Of(lambda: nn.MultiHeadDotProductAttention(num_heads=2, qkv_features=6))
    network = from_module(module, (3, 4))
    theta = network.initialise(jax.random.key(0))
    theta = jax.tree.map(lambda w: w + 0.1, theta)
    drop = jnp.float32(0.05)
    some, _ = effective(network, NetworkParams(wire_drop=drop), theta, jnp.zeros((1, 3, 4)))
    (before,), (after,) = theta.values(), some.values()
    for name, shape in {"query": (4, 6), "key": (4, 6), "value": (4, 6), "out": (6, 4)}.items():
        expected = behind(drop, before[name]["kernel"].reshape(shape))
        np.testing.assert_allclose(after[name]["kernel"].reshape(shape), expected, rtol=1e-5)
        row = behind(drop, before[name]["bias"].reshape(1, -1))
        np.testing.assert_allclose(after[name]["bias"].reshape(1, -1), row, rtol=1e-5)


class Turn(nn.Module):
    @nn.compact
    def __call__(self, x, _):
        return nn.Dense(4)(x), None


class Stack(nn.Module):
    axis: int

    @nn.compact
    def __call__(self, x):
        turns = nn.scan(
            Turn, variable_axes={"params": self.axis}, split_rngs={"params": True}, length=3
        )
        return turns()(x, None)[0]


@pytest.mark.slow
def test_arrays_in_a_stack_are_crossbars_of_their_own():
    network = from_module(Stack(0), (4,))
    theta, x = network.initialise(jax.random.key(0)), jnp.zeros((2, 4))
    params = NetworkParams(crosstalk=jnp.float32(0.02), wire_drop=jnp.float32(0.02))
    some, _ = effective(network, params, theta, x)
    (before,), (after,) = theta.values(), some.values()
    for own, other in zip(before["Dense_0"]["kernel"], after["Dense_0"]["kernel"], strict=True):
        expected = changed(jnp.float32(0.02), own)
        np.testing.assert_allclose(other, expected, rtol=1e-5, atol=1e-7)
    other = from_module(Stack(1), (4,))
    with pytest.raises(InputError, match=r"Dense_0/(bias|kernel) is a stack") as refused:
        effective(other, params, other.initialise(jax.random.key(0)), x)
    assert "\n" not in str(refused.value)


@pytest.mark.slow
def test_weights_of_plain_functions_have_their_columns_last():
    theta = {"w": jnp.asarray(cells(12, 4)).reshape(2, 6, 4), "gain": jnp.float32(0.5)}
    network = Network(lambda key: theta, lambda theta, x: x @ theta["w"].reshape(12, 4))
    drop = jnp.float32(0.02)
    some, _ = effective(network, NetworkParams(wire_drop=drop), theta, jnp.zeros((1, 12)))
    np.testing.assert_allclose(
        some["w"].reshape(12, 4), behind(drop, theta["w"].reshape(12, 4)), rtol=1e-5
    )
    assert some["gain"].shape == ()
