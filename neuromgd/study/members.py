"""Members of an ensemble: chips side by side, some of them of a better technology than others."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import jax

from neuromgd.chip.design import ChipParams

T = TypeVar("T")

# Bytes of state, kick and temporary arrays that one synapse of a chip takes while it runs, measured
# on 10⁷ of them with pulsed cells, and the share of the machine that an ensemble may take.
BYTES_PER_SYNAPSE = 48
MEMORY_SHARE = 0.5

# Bytes of weights up to which chips run side by side on a CPU: small networks gain by it; large
# ones take as long one after the other, in less memory.
CACHE = 2**18


def over_members(
    function: Callable[[ChipParams, Any], T],
    varies: tuple[bool, ...],
    params: ChipParams,
    members: Any,
    at_once: int,
) -> T:
    """Applies a function of one chip to all of them.

    Args:
        function: (parameters, member) -> result.
        varies: Whether each leaf of ``params`` has a leading axis of members; (): none has.
        params: How good the technology is.
        members: Pytree with a leading axis of members.
        at_once: How many run side by side; such groups run one after the other.
    """
    leaves, structure = jax.tree.flatten(params)
    flags = varies or (False,) * len(leaves)
    own = [leaf for leaf, is_own in zip(leaves, flags, strict=True) if is_own]

    def one(numbered: tuple[list[jax.Array], Any]) -> T:
        mine, member = iter(numbered[0]), numbered[1]
        whole = [next(mine) if is_own else leaf for leaf, is_own in zip(leaves, flags, strict=True)]
        return function(jax.tree.unflatten(structure, whole), member)

    if at_once >= len(jax.tree.leaves(members)[0]):
        return jax.vmap(one)((own, members))
    return jax.lax.map(one, (own, members), batch_size=at_once)


def members_at_once(synapses: int, memory: float | None = None) -> int:
    """Returns how many chips run side by side.

    Args:
        synapses: Of one chip.
        memory: Bytes that they may take; None: half of the machine's.
    """
    if memory is None:
        memory = MEMORY_SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    fit = int(memory // (BYTES_PER_SYNAPSE * synapses))
    if jax.default_backend() == "cpu":
        fit = min(fit, CACHE // (4 * synapses))
    return max(1, fit)
