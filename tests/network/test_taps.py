"""Taps: seen in order, however deep in loops and branches they are."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.errors import InputError
from neuromgd.network.taps import Port, Tap, is_jitted, run, tapped

TAP = Tap(Port.ROWS, 0)


def count(tap, calls, value, noted):
    """Adds to every value that comes by how many came before."""
    del tap, noted
    return calls + 1, value + jnp.asarray(calls, jnp.float32)


def numbered(function, *inputs):
    """Returns how many calls there were, and the outputs of a traced function."""
    trace = jax.make_jaxpr(function)(*inputs)
    calls, outputs = run(trace, list(inputs), count, 0)
    return int(calls), [np.asarray(output) for output in outputs]


def seen(x):
    return tapped(TAP, x)


@jax.custom_jvp
def custom(x):
    return seen(x)


custom.defjvp(lambda primals, tangents: (custom(*primals), *tangents))

ZERO = np.zeros(2, np.float32)
ROWS = np.zeros((3, 2), np.float32)


def in_scan(x):
    first = seen(x)
    _, ys = jax.lax.scan(lambda c, row: (c, seen(row + c)), 0 * first, jnp.asarray(ROWS))
    return first, ys, seen(x)


def backwards(x):
    return jax.lax.scan(lambda c, row: (c, seen(row + x)), 0.0, jnp.asarray(ROWS), reverse=True)[1]


def in_while(x):
    turn = lambda state: (state[0] + 1, seen(state[1]))
    return jax.lax.while_loop(lambda state: state[0] < 3, turn, (0, x))[1]


def in_cond(x):
    return jax.lax.cond(x[0] == 0, lambda x: seen(seen(x)), lambda x: x, x), seen(x)


def nested(x):
    inner = lambda c, _: (jax.jit(seen)(c), None)
    outer = lambda c, _: (jax.checkpoint(lambda c: jax.lax.scan(inner, c, length=2)[0])(c), None)
    return jax.lax.scan(outer, custom(x), length=2)[0]


@pytest.mark.parametrize(
    ("function", "calls", "expected"),
    [
        (in_scan, 5, [0, [1, 2, 3], 4]),
        (backwards, 3, [[2, 1, 0]]),
        (in_while, 3, [0 + 1 + 2]),
        (in_cond, 3, [0 + 1, 2]),
        (nested, 5, [0 + 1 + 2 + 3 + 4]),
    ],
)
def test_every_turn_is_a_call_of_its_own(function, calls, expected):
    counted, outputs = numbered(function, ZERO)
    assert counted == calls
    for output, value in zip(outputs, expected, strict=True):
        np.testing.assert_array_equal(
            output, np.broadcast_to(np.asarray(value).T[..., None], output.shape)
        )


def test_vmap_makes_one_call_of_many_and_moves_the_samples():
    axes = []

    def note(tap, kept, value, noted):
        axes.append((tap.axis, value.shape, noted[0].shape))
        return kept, value

    inner = lambda x, sigma: tapped(TAP, x, sigma)
    function = jax.vmap(inner, in_axes=(2, None), out_axes=2)
    x, sigma = np.arange(24.0, dtype=np.float32).reshape(2, 3, 4), np.ones((1, 1), np.float32)
    trace = jax.make_jaxpr(function)(x, sigma)
    _, (same,) = run(trace, [x, sigma], note, None)
    np.testing.assert_array_equal(same, x)
    assert axes == [(1, (4, 2, 3), (1, 1, 1))]


def test_a_slope_goes_through_a_tap():
    slope = jax.make_jaxpr(jax.grad(lambda x: jnp.sum(seen(x) ** 2)))(ZERO)
    _, (gradient,) = run(slope, [ZERO + 3], lambda tap, kept, value, noted: (kept, value), None)
    np.testing.assert_array_equal(gradient, [6, 6])


def test_a_tap_in_the_condition_of_a_loop_is_refused():
    loop = lambda x: jax.lax.while_loop(lambda x: seen(x)[0] < 0, lambda x: x, x)
    with pytest.raises(InputError, match="inside while"):
        numbered(loop, ZERO)


def test_taps_in_compiled_functions_are_found():
    assert is_jitted(jax.make_jaxpr(nested)(ZERO).jaxpr)
    assert not is_jitted(jax.make_jaxpr(in_scan)(ZERO).jaxpr)
