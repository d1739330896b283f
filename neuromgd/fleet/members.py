"""Members of an ensemble: chips side by side, some of them of a better technology than others."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
from jax.sharding import PartitionSpec

from neuromgd.chip.design import ChipParams
from neuromgd.fleet.layout import MEMBERS, Layout

T = TypeVar("T")


def over_members(
    function: Callable[[ChipParams, Any, Any], T],
    varies: tuple[bool, ...],
    params: ChipParams,
    members: Any,
    shared: Any,
    layout: Layout,
) -> T:
    """Applies a function of one chip to all of them.

    Args:
        function: (parameters, member, what all share) -> result.
        varies: Whether each leaf of ``params`` has a leading axis of members; (): none has.
        params: How good the technology is.
        members: Pytree with a leading axis of members.
        shared: Pytree that all members see.
        layout: Where they run.
    """
    leaves, structure = jax.tree.flatten(params)
    flags = varies or (False,) * len(leaves)
    own = [leaf for leaf, is_own in zip(leaves, flags, strict=True) if is_own]
    common = [leaf for leaf, is_own in zip(leaves, flags, strict=True) if not is_own]

    def some(numbered: tuple[list[jax.Array], Any], common: list[jax.Array], shared: Any) -> T:
        def one(numbered: tuple[list[jax.Array], Any]) -> T:
            (mine, member), others = numbered, iter(common)
            mine = iter(mine)
            whole = jax.tree.unflatten(structure, [next(mine if f else others) for f in flags])
            # Graphics processors round the factors of products to ten bits unless told; ΔC is less.
            with jax.default_matmul_precision("highest"):
                return function(whole, member, shared)

        if layout.at_once >= len(jax.tree.leaves(numbered[1])[0]):
            return jax.vmap(one)(numbered)
        return jax.lax.map(one, numbered, batch_size=layout.at_once)

    if layout.has_members_apart:
        # Chips know nothing of each other: no device waits for another.
        apart, whole = PartitionSpec(MEMBERS), PartitionSpec()
        some = jax.shard_map(
            some, mesh=layout.mesh, in_specs=(apart, whole, whole), out_specs=apart, check_vma=False
        )
    return some((own, members), common, shared)
