"""Numbers of which every array of a network has its own, given in the order of first calls."""

from typing import Any

import jax
import jax.numpy as jnp

from neuromgd.errors import InputError
from neuromgd.network.network import Network
from neuromgd.network.nodes import Nodes, nodes
from neuromgd.options.modes import FROZEN
from neuromgd.typing import Arrays


def per_array(
    option: str, text: str, network: Network, what: str, words: tuple[str, ...]
) -> list[tuple[Nodes, float]]:
    """Returns every array and its number; that of a frozen one is 0.

    Args:
        option: Name of the option, for a complaint.
        text: The numbers, by commas.
        network: Forward pass.
        what: They are, in singular.
        words: What every array kicks, or all of them.

    Raises:
        InputError: If one cannot be read, or they are not as many as arrays.
    """
    given = text.split(",")
    kinds = words if len(words) == len(given) else ("",) * len(given)
    numbers = tuple(
        _read(option, text, one, what, kind == FROZEN)
        for one, kind in zip(given, kinds, strict=True)
    )
    return list(zip(arrays_of(option, len(numbers), network, what), numbers, strict=True))


def arrays_of(option: str, given: int, network: Network, what: str) -> tuple[Nodes, ...]:
    """Returns the arrays of a network, of which each has something of its own.

    Args:
        option: Name of the option, for a complaint.
        given: How many it gives.
        network: Forward pass.
        what: They are, in singular.

    Raises:
        InputError: If they are not as many as arrays.
    """
    if network.inputs is None:
        raise InputError("network: to name its arrays, it has to tell the shape of its inputs")
    arrays = nodes(network)
    if given != len(arrays):
        named = ", ".join(one.name for one in arrays)
        raise InputError(
            f"option {option}: gives {given} {what}s, the network has {len(arrays)} arrays: {named}"
        )
    return arrays


def ratios(
    option: str, network: Network, of_module: dict[tuple[str, ...], float], what: str
) -> Arrays:
    """Returns () numbers of the modules that weights are of, shaped as the weights.

    Raises:
        InputError: If weights lie in no array.
    """
    theta = jax.eval_shape(network.initialise, jax.random.key(0))

    def ratio(path: Any, _: Any) -> jax.Array:
        module = tuple(str(getattr(key, "key", key)) for key in path[:-1])
        if module not in of_module:
            name = "/".join((*module, str(getattr(path[-1], "key", path[-1]))))
            raise InputError(
                f"option {option}: the weights {name} lie in no array; give one {what}"
            )
        return jnp.asarray(of_module[module], jnp.float32)

    return jax.tree_util.tree_map_with_path(ratio, theta)


def _read(option: str, text: str, word: str, what: str, is_frozen: bool) -> float:
    try:
        number = float(word)
    except ValueError:
        number = -1.0
    if is_frozen:
        if number != 0:
            raise InputError(
                f"option {option} = {text!r}: read {word!r} of a frozen array, expected 0"
            )
        return number
    if number == 0:
        raise InputError(
            f"option {option} = {text!r}: read {word!r}, expected {_article(what)} > 0; an array"
            " that is not to learn has the word frozen in learning.mode"
        )
    if not 0 < number < float("inf"):
        raise InputError(
            f"option {option} = {text!r}: read {word!r}, expected {_article(what)} > 0"
        )
    return number


def _article(what: str) -> str:
    return f"{'an' if what[0] in 'aeiou' else 'a'} {what}"
