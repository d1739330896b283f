"""Members of an ensemble: chips side by side, some of them of a better technology than others."""

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec

from neuromgd.chip.design import ChipParams
from neuromgd.fleet.layout import MEMBERS, Layout

T = TypeVar("T")


# (function, *pytrees with a leading axis of members) -> results along such an axis: the function is
# of (parameters, *one of every pytree).
Each = Callable[..., Any]


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

    def some(each: Each, members: Any, shared: Any) -> T:
        return each(lambda params, member: function(params, member, shared), members)

    return over_groups(some, varies, params, members, shared, layout)


def over_groups(
    function: Callable[[Each, Any, Any], T],
    varies: tuple[bool, ...],
    params: ChipParams,
    members: Any,
    shared: Any,
    layout: Layout,
) -> T:
    """Applies a function of some chips, side by side, to all of them.

    What it loops over is traced once; a loop of one chip is traced again and again until it is one
    of many.

    Args:
        function: (what applies a function to each of them, members, what all share) -> results
            along a leading axis.
        varies: As for ``over_members``; so are the others.
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
        def group(numbered: tuple[list[jax.Array], Any]) -> T:
            own, members = numbered

            def each(function: Callable[..., Any], *members: Any) -> Any:
                def one(own: list[jax.Array], *member: Any) -> Any:
                    mine, others = iter(own), iter(common)
                    whole = [next(mine if is_own else others) for is_own in flags]
                    # Graphics processors round the factors of products to ten bits unless told;
                    # ΔC is less.
                    with jax.default_matmul_precision("highest"):
                        return function(jax.tree.unflatten(structure, whole), *member)

                return jax.vmap(one)(own, *members)

            return function(each, members, shared)

        return _one_by_one(group, numbered, layout.at_once)

    if layout.has_members_apart:
        # Chips know nothing of each other: no device waits for another.
        apart, whole = PartitionSpec(MEMBERS), PartitionSpec()
        some = jax.shard_map(
            some, mesh=layout.mesh, in_specs=(apart, whole, whole), out_specs=apart, check_vma=False
        )
    return some((own, members), common, shared)


def _one_by_one(function: Callable[[Any], T], members: Any, size: int) -> T:
    """Applies a function of some members to groups of a size, one after the other."""
    count = len(jax.tree.leaves(members[1])[0])
    if size >= count:
        return function(members)
    whole = count // size * size
    groups = jax.tree.map(lambda leaf: leaf[:whole].reshape(-1, size, *leaf.shape[1:]), members)
    done = jax.lax.map(function, groups)
    done = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), done)
    if whole == count:
        return done
    rest = function(jax.tree.map(lambda leaf: leaf[whole:], members))
    return jax.tree.map(lambda *parts: jnp.concatenate(parts), done, rest)
