"""What a network is made of, seen in one trace: its arrays, and the weights that are in none."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import linen as nn
from jax.extend.core import ClosedJaxpr
from jax.interpreters import partial_eval
from jax.tree_util import keystr
from jaxtyping import Array

from neuromgd.network.arrays import Call, sees_whole, through, weights_of
from neuromgd.network.network import Network
from neuromgd.network.taps import Port, Tap, is_jitted, tapped
from neuromgd.network.unfolding import Unfolding, unfolding
from neuromgd.typing import Arrays

# Two numbers of samples: an axis that has both lengths is the axis of samples.
_SAMPLES = (3, 5)


class Survey(NamedTuple):
    """What a network is made of.

    Attributes:
        arrays: Path of every array, in the order of first calls.
        layers: How many layers of ``Neurons`` it has.
        loose: Paths of the weights that are in no array, or used outside it too.
        takes_factors: Whether ``factored.added_output`` tells what a kick of all weights adds.
        has_samples_first: Whether every array has the samples along its first axis.
        is_jitted: Whether it calls arrays inside functions that it compiles by itself.
        crossbars: Path of a weight -> how it lies, for those that are in an array.
    """

    arrays: tuple[str, ...]
    layers: int
    loose: tuple[str, ...]
    takes_factors: bool
    has_samples_first: bool
    is_jitted: bool
    crossbars: dict[str, Unfolding]


class _Seen(NamedTuple):
    """What one trace shows: number and path of arrays, how the weights they hold lie, layers."""

    trace: ClosedJaxpr
    arrays: dict[int, str]
    held: dict[str, Unfolding]
    layers: set[int]
    takes_factors: bool
    has_samples_first: bool


@lru_cache(maxsize=64)
def survey(network: Network, shape: tuple[int, ...], dtype: Any) -> Survey:
    """Looks a network through.

    Args:
        network: Forward pass.
        shape: Of one input.
        dtype: Of its inputs.
    """
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    few, many = (
        _traced(network, theta, jax.ShapeDtypeStruct((samples, *shape), dtype))
        for samples in _SAMPLES
    )
    jaxpr = many.trace.jaxpr
    _, is_used = partial_eval.dce_jaxpr(jaxpr, [True] * len(jaxpr.outvars))
    names = [
        keystr(path, simple=True, separator="/") for path, _ in jax.tree.leaves_with_path(theta)
    ]
    loose = tuple(
        name for name, used in zip(names, is_used, strict=False) if used or name not in many.held
    )
    has_samples_first = few.has_samples_first and many.has_samples_first
    return Survey(
        arrays=tuple(many.arrays[number] for number in sorted(many.arrays)),
        layers=len(many.layers),
        loose=loose,
        takes_factors=many.takes_factors and has_samples_first and not loose,
        has_samples_first=has_samples_first,
        is_jitted=is_jitted(jaxpr),
        crossbars=many.held,
    )


def _traced(network: Network, theta: Arrays, x: jax.ShapeDtypeStruct) -> _Seen:
    arrays, held, layers = {}, {}, set()
    takes_factors, has_samples_first = True, True

    def note(call: Call, x_in: Array) -> Array:
        nonlocal takes_factors, has_samples_first
        y, path = call.ideal(x_in), call.module.path
        arrays.setdefault(call.number, "/".join(path))
        for name, own in weights_of(call.module).items():
            held.setdefault("/".join((*path, name)), unfolding(call, name, own.shape))
        takes_factors &= sees_whole(call.module, theta) and _is_plain(call, x_in)
        has_samples_first &= all(a.shape[:1] == x.shape[:1] for a in (x_in, y))
        # Nothing of the weights of an array goes on from here.
        return tapped(Tap(Port.COLUMNS, call.number), jnp.zeros_like(y))

    def note_layer(layer: int, activation: Callable[[Array], Array], x_in: Array) -> Array:
        nonlocal has_samples_first
        layers.add(layer)
        has_samples_first &= x_in.shape[:1] == x.shape[:1]
        return activation(x_in)

    whole = lambda theta, x: through(network, theta, x, note, note_layer, is_jitted=True)
    trace = jax.make_jaxpr(whole)(theta, x)
    return _Seen(trace, arrays, held, layers, takes_factors, has_samples_first)


def _is_plain(call: Call, x: Array) -> bool:
    if isinstance(call.module, nn.Conv):
        size = call.module.kernel_size
        return x.ndim == 2 + (1 if isinstance(size, int) else len(size))
    return isinstance(call.module, nn.Dense) and x.ndim > 1
