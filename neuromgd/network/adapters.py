"""Networks of other libraries: Flax NNX and Equinox modules as forward passes of a chip.

Their weights are nested dictionaries, named as the module names them; whatever else a module keeps
stays as it was made. Effects of cells, kicks and bus act on all of them; converters and noise of
arrays need a place to act at, which only Flax linen modules show.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.tree_util import GetAttrKey, keystr
from jaxtyping import Array, Key

from neuromgd.errors import InputError
from neuromgd.network.network import Network
from neuromgd.typing import Arrays

_RANDOM = (
    "draws random numbers in a pass; the passes of a chip differ by the kick alone: leave it out,"
    " or make it deterministic"
)


def from_nnx(make: Callable[[Any], Any]) -> Network:
    """Makes a network of a Flax NNX module.

    Args:
        make: (flax.nnx.Rngs) -> module, such as ``lambda rngs: Net(rngs=rngs)``; every chip starts
            from weights of its own. It takes (samples, *input).

    Raises:
        InputError: If the module keeps other state than weights, or draws random numbers.

    Example:
        >>> from flax import nnx
        >>> network = from_nnx(lambda rngs: nnx.Linear(4, 2, rngs=rngs))
        >>> sorted(network.initialise(jax.random.key(0)))
        ['bias', 'kernel']
    """
    from flax import nnx  # most networks have no use for it

    def made(key: Key[Array, ""]) -> Any:
        return make(nnx.Rngs(key))

    shape = nnx.eval_shape(lambda: made(jax.random.key(0)))
    graph, params, rest = nnx.split(shape, nnx.Param, ...)
    name, kept = type(shape).__name__, jax.tree.leaves_with_path(rest)
    is_rng = lambda one: isinstance(one, nnx.RngState)
    if any(map(is_rng, jax.tree.leaves(rest, is_leaf=is_rng))):
        raise InputError(f"network {name} {_RANDOM} (and keep no rngs)")
    if kept:
        raise InputError(
            f"network {name}: a chip stores weights only (nnx.Param), this module also has:"
            f" {_path(kept[0][0])}"
        )
    _, rebuilt = _named(params)

    def initialise(key: Key[Array, ""]) -> Arrays:
        _, params = nnx.split(made(key), nnx.Param)
        return _named(params)[0]

    def apply(theta: Arrays, x: Array) -> Any:
        return nnx.merge(graph, rebuilt(theta), rest)(x)

    apply.__name__ = name
    return Network(initialise, apply)


def from_equinox(make: Callable[[Key[Array, ""]], Any]) -> Network:
    """Makes a network of an Equinox module, which takes one input without an axis of samples.

    Args:
        make: key -> module, such as ``lambda key: eqx.nn.MLP(4, 2, 8, 1, key=key)``; every chip
            starts from weights of its own. All its floating-point arrays are weights.

    Raises:
        InputError: If the module draws random numbers or keeps a state.
    """
    import equinox as eqx  # type: ignore[import-not-found]  # not among what neuromgd needs

    shape = eqx.filter_eval_shape(make, jax.random.key(0))
    name = type(shape).__name__
    is_dropout = lambda one: isinstance(one, eqx.nn.Dropout)
    found = [one for one in jax.tree.leaves(shape, is_leaf=is_dropout) if is_dropout(one)]
    if any(one.p and not one.inference for one in found):
        raise InputError(f"network {name} {_RANDOM} (eqx.nn.inference_mode)")
    is_state = lambda one: isinstance(one, eqx.nn.StateIndex)
    if any(map(is_state, jax.tree.leaves(shape, is_leaf=is_state))):
        raise InputError(f"network {name}: a chip stores weights only, this module keeps a state")
    is_weight = lambda one: (
        isinstance(one, jax.Array | jax.ShapeDtypeStruct) and jnp.issubdtype(one.dtype, jnp.inexact)
    )
    _, rebuilt = _named(eqx.filter(shape, is_weight))

    def initialise(key: Key[Array, ""]) -> Arrays:
        return _named(eqx.filter(make(key), is_weight))[0]

    def apply(theta: Arrays, x: Array) -> Any:
        # What is no weight is the same for all chips: as the module has it that is made first.
        with jax.ensure_compile_time_eval():
            rest = eqx.filter(make(jax.random.key(0)), is_weight, inverse=True)
        return jax.vmap(eqx.combine(rebuilt(theta), rest))(x)

    apply.__name__ = name
    return Network(initialise, apply)


def _named(tree: Any) -> tuple[Arrays, Callable[[Arrays], Any]]:
    """Returns the leaves of a pytree in nested dictionaries, and how those become it again."""
    leaves, structure = jax.tree_util.tree_flatten_with_path(tree)
    paths = [_path(path).split("/") for path, _ in leaves]
    nested: dict[str, Any] = {}
    for path, (_, leaf) in zip(paths, leaves, strict=True):
        place = nested
        for name in path[:-1]:
            place = place.setdefault(name, {})
        place[path[-1]] = leaf

    def rebuilt(theta: Arrays) -> Any:
        def of(path: list[str]) -> Any:
            found = theta
            for name in path:
                found = found[name]
            return found

        return jax.tree_util.tree_unflatten(structure, [of(path) for path in paths])

    return nested, rebuilt


def _path(path: tuple[Any, ...]) -> str:
    """Returns the names on the way to a leaf; that NNX keeps it in a variable is none of them."""
    if isinstance(path[-1], GetAttrKey) and path[-1].name in ("value", "raw_value"):
        path = path[:-1]
    return keystr(path, simple=True, separator="/")
