"""One array at a time: the arrays of a network are kicked in turn, by any code.

What is kicked in slot t is array t mod A alone, with the pattern ⌊t/A⌋ that the code has for it and
√A times as strong, so that a synapse has the power of any code. An array hears no kicks of the
others: T perturbations tell it what T/A of its own tell.

References:
    Oripov et al., APL Mach. Learn. 3, 026107 (2025): layers are perturbed one after the other.
"""

import math
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.synapse.codes.code import Code
from neuromgd.typing import Arrays


@lru_cache(maxsize=64)  # equal ones are one code, so that their runs share a program
def in_turn(code: Code) -> Code:
    """Returns a code that kicks the weights of one module, or its neurons, in a slot."""

    def draw(key: Key[Array, ""], arrays: Arrays, slot: Int[Array, ""]) -> Arrays:
        leaves, structure = jax.tree_util.tree_flatten_with_path(arrays)
        names = [_module(path) for path, _ in leaves]
        turns = list(dict.fromkeys(names))
        height = jnp.float32(math.sqrt(len(turns)))
        patterns: list[Any] = [None] * len(leaves)
        for turn, name in enumerate(turns):
            own = [at for at, other in enumerate(names) if other == name]
            drawn = code.draw(key, [leaves[at][1] for at in own], slot // len(turns))
            strength = jnp.where(slot % len(turns) == turn, height, 0)
            for at, pattern in zip(own, drawn, strict=True):
                patterns[at] = strength * pattern
        return jax.tree.unflatten(structure, patterns)

    def excess(synapses: int, per_slot: Float[Array, ""]) -> Float[Array, ""]:
        """Returns E‖Ĝ_a‖²/‖∇_a C‖² − 1 of one array of so many, by A/T of its own slots.

        With less than one slot of its own it is kicked now and then, and A/T times as strong.
        """
        return jnp.maximum(per_slot, 1) * (1 + code.excess(synapses, jnp.minimum(per_slot, 1))) - 1

    return Code(
        draw,
        period=lambda synapses: None,
        excess=excess,
        largest=code.largest,
        kicked=code.kicked,
        is_in_turn=True,
    )


def shares(arrays: Arrays) -> list[int]:
    """Returns how many synapses, or neurons, are kicked together, for every array in turn."""
    counts: dict[Any, int] = {}
    for path, leaf in jax.tree_util.tree_leaves_with_path(arrays):
        module = _module(path)
        counts[module] = counts.get(module, 0) + math.prod(leaf.shape)
    return list(counts.values())


def _module(path: tuple[Any, ...]) -> tuple[Any, ...]:
    """Returns whose it is: neurons stand at the path of their module, weights one below it."""
    last = getattr(path[-1], "key", "") if path else ""
    return path[:-1] if last in ("kernel", "bias", "embedding") else path
