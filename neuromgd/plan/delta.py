"""A delta rule in the last array, where the options ask for one and its outputs have errors."""

from neuromgd.bus.costs.cost import Cost
from neuromgd.bus.costs.error import KNOWN, knows_errors
from neuromgd.chip.mode import Mode
from neuromgd.errors import InputError
from neuromgd.network.network import Network
from neuromgd.network.nodes import nodes
from neuromgd.network.readout import readout
from neuromgd.options.modes import DELTA

_OPTION = "learning.mode"


def with_delta_rule(mode: Mode, words: tuple[str, ...], network: Network, cost: Cost) -> Mode:
    """Returns the mode of a run whose last array may learn by the errors of its outputs.

    Args:
        mode: Of the other arrays.
        words: What every array kicks, or all of them.
        network: Forward pass.
        cost: (output, target) -> scalar.

    Raises:
        InputError: If there are other words than arrays, or outputs without errors of their own.
    """
    if words[-1] != DELTA:
        return mode
    if network.inputs is None:
        raise InputError("network: to name its arrays, it has to tell the shape of its inputs")
    arrays = nodes(network)
    if len(words) != len(arrays):
        named = ", ".join(one.name for one in arrays)
        raise InputError(
            f"option {_OPTION}: gives {len(words)} words, the network has {len(arrays)} arrays:"
            f" {named}"
        )
    if not knows_errors(cost):
        raise InputError(
            f"option {_OPTION}: for a delta rule every output needs an error of its own; the costs"
            f" that give it are {' and '.join(KNOWN)}"
        )
    # It imports what other modes have no use for.
    from neuromgd.chip.modes.delta import with_delta

    return with_delta(mode, readout(network).array.path)
