"""Guards: what a compiled window notes of its own numbers, from values that are there anyway.

Cost and ΔC are written down in every window. All weights and accumulators of a chip are looked at
in one window of ``EVERY``, so that looking costs next to nothing where a window is short.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuromgd.typing import Arrays, Leaf

# What accumulators of limited range can come to, sums of products first and then residues: nothing
# to tell, all at full scale, all of them zero.
SOUND, PINNED, COARSE = 0, 1, 2
OF_RESIDUE = 2

# Windows from one look to the next.
EVERY = 16


def at_looks(window: Int[Array, ""], look: Callable[[], Any]) -> Any:
    """Returns what a look gives in the windows in which there is one; else zeros.

    Args:
        window: Number of the window, counted from 0; the same for all chips.
        look: () -> a pytree of arrays.
    """
    nothing = lambda: jax.tree.map(
        lambda one: jnp.zeros(one.shape, one.dtype), jax.eval_shape(look)
    )
    return jax.lax.cond(is_looked_at(window), look, nothing)


def is_looked_at(window: Any) -> Any:
    """Tells in which windows, counted from 0, there is a look."""
    return (window + 1) % EVERY == 0


def heaviest(theta: Arrays) -> tuple[Float[Array, ""], Int[Array, ""]]:
    """Returns the largest |θ| of a chip, and the number of its array; NaN is the largest of all.

    Args:
        theta: Arrays of weights [w.u.].
    """
    arrays = [jnp.max(jnp.abs(leaf), initial=0) for leaf in jax.tree.leaves(theta)]
    largest = jnp.stack(arrays)
    which = jnp.argmax(largest)
    return largest[which], which.astype(jnp.int32)


def filling(limit: Leaf | None, top: Leaf | None, rounding: str, sums: Arrays) -> Int[Array, ""]:
    """Returns how full the accumulators of a chip are at the end of a window.

    ``PINNED`` if every one is at full scale, ``COARSE`` if every one is zero because its codes are
    further apart than what comes in. One step to either side is at full scale by design, and codes
    that are drawn lose nothing on average, however coarse they are.

    Args:
        limit: () full scale, in the unit of the sums; None: they hold anything.
        top: () largest code [1]; None: any value in the range.
        rounding: ``stochastic`` or ``nearest``.
        sums: Arrays of what they hold.
    """
    if limit is None:
        return jnp.zeros((), jnp.int32)
    leaves = jax.tree.leaves(sums)
    every = lambda test: jnp.all(jnp.stack([jnp.all(test(leaf)) for leaf in leaves]))
    # Codes may be rounded a grain below full scale.
    is_pinned = every(lambda leaf: jnp.abs(leaf) >= limit * (1 - 1e-6))
    if top is not None:
        is_pinned &= top > 1
    told = jnp.where(is_pinned, PINNED, SOUND)
    if top is not None and rounding == "nearest":
        told = jnp.where(every(lambda leaf: leaf == 0), COARSE, told)
    return told.astype(jnp.int32)
