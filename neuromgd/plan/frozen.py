"""Which arrays are frozen: those whose word says so, by the paths of their modules."""

from neuromgd.errors import InputError
from neuromgd.network.network import Network
from neuromgd.network.nodes import IN_STACK
from neuromgd.options.modes import FROZEN
from neuromgd.plan.per_array import arrays_of

_OPTION = "learning.mode"


def frozen(words: tuple[str, ...], network: Network) -> tuple[tuple[str, ...], ...]:
    """Returns the paths of the modules that do not learn.

    Args:
        words: What every array kicks, or all of them.
        network: Forward pass.

    Raises:
        InputError: If there are other words than arrays, or weights are shared with an array that
            learns.
    """
    if FROZEN not in words:
        return ()
    told = list(zip(arrays_of(_OPTION, len(words), network, "word"), words, strict=True))
    learn = {one.path for one, word in told if word != FROZEN}
    for one, word in told:
        if word == FROZEN and (one.unfit == IN_STACK or one.path in learn):
            raise InputError(
                f"option {_OPTION}: the weights of {one.name} are used by several arrays; freeze"
                " none of them, or all if each has a word"
            )
    return tuple(dict.fromkeys(one.path for one, word in told if word == FROZEN))
