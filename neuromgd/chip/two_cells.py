"""Two cells a weight: a fast one that learns and a slow one that keeps, θ = slow ± g·fast."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Float, Key

from neuromgd.device import traits as cell_traits
from neuromgd.device.cell import read, store
from neuromgd.device.laws import LAWS
from neuromgd.device.laws.law import Law
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.params import DeviceParams
from neuromgd.device.technology import Technology, alike
from neuromgd.device.zero_shift import zero_shifted
from neuromgd.randomness import Stream, each, stream
from neuromgd.typing import Arrays, Leaf


@dataclass(frozen=True)
class Transfer:
    """When and how fast cells are read into slow ones; static.

    Attributes:
        every: Windows between two transfers.
        law: How slow cells move when they are pulsed.
        is_pair: Whether what a slow cell keeps is half the difference of two.
        rows: Rows of every array that are transferred at a time, in turn; None: all.
        is_verified: Whether a slow cell is read again, so that only what arrived leaves the fast
            one; else that is what was asked for.
        has_inversion: Whether the sign with which a fast cell counts changes at every transfer.
        keeps: Whether a fast cell stays as it is: it forgets by its own pull to its symmetry point.
    """

    every: int
    law: Law = LAWS["linear"]
    is_pair: bool = False
    rows: int | None = None
    is_verified: bool = False
    has_inversion: bool = False
    keeps: bool = False


class TransferParams(struct.PyTreeNode, kw_only=True):
    """How good it is.

    Attributes:
        device: Of the slow cells.
        gain: () g, what a fast cell counts in the weight [1].
        share: () what is asked of a slow cell over what is read of the fast one [1].
    """

    device: DeviceParams = DeviceParams()
    gain: Leaf
    share: Leaf


class Slow(struct.PyTreeNode, kw_only=True):
    """The slow cells of a chip, and how the fast ones stand to them.

    Attributes:
        cells: Pytree with the ``CellState`` of every array.
        traits: Pytree with the ``Traits`` of the cells of every array.
        gain: () g [1].
        sign: Arrays of ±1, with which each fast cell counts [1]; None: all +1.
    """

    cells: Arrays
    traits: Arrays
    gain: Leaf
    sign: Arrays | None = None


def slow_cells(
    design: Transfer | None, params: TransferParams | None, theta: Arrays, key: Key[Array, ""]
) -> Slow | None:
    """Makes the slow cells of one chip, which hold its first weights; None: it has none.

    Args:
        design: When and how they are written.
        params: How good they are.
        theta: Arrays of first weights [w.u.].
        key: Root key of the chip.
    """
    if design is None or params is None:
        return None
    kind = Technology(design.law, params.device, design.is_pair)
    traits = drawn(alike(kind, theta), theta, stream(key, Stream.SLOW))
    return Slow(
        cells=jax.tree.map(
            lambda array, own: store(params.device, array, own, design.is_pair), theta, traits
        ),
        traits=traits,
        gain=params.gain,
        sign=jax.tree.map(jnp.ones_like, theta) if design.has_inversion else None,
    )


def drawn(kinds: Arrays, theta: Arrays, key: Key[Array, ""]) -> Arrays:
    """Returns how the cells of every array came out.

    Args:
        kinds: Technology of each.
        theta: Arrays, for their shapes.
        key: Of all draws.
    """
    testers = each(key, Stream.ZERO_SHIFT, 0, theta)
    keys = (each(key, trait, 0, theta) for trait in cell_traits.TRAITS)

    def one(
        array: Array, kind: Technology, tester: Key[Array, ""], *own: Key[Array, ""]
    ) -> cell_traits.Traits:
        law, params, is_pair = kind
        shape = (2, *array.shape) if is_pair else array.shape
        made = cell_traits.fabricate(params, shape, *own, is_pair=is_pair)
        if params.zero_shift is None:
            return made
        return zero_shifted(law, params, made, is_pair, shape, tester)

    return jax.tree.map(one, theta, kinds, testers, *keys)


def together(fast: Arrays, slow: Slow | None) -> Arrays:
    """Returns the arrays of weights θ = slow ± g·fast that the network sees [w.u.].

    Args:
        fast: Arrays of what the fast cells hold [w.u.].
        slow: The slow ones; None: the fast ones are all there is.
    """
    if slow is None:
        return fast
    counted = jax.tree.map(lambda one: slow.gain * one, signed(fast, slow))
    return jax.tree.map(jnp.add, over_arrays(read, slow.cells), counted)


def signed(arrays: Arrays, slow: Slow) -> Arrays:
    """Returns arrays times the sign with which the fast cells count."""
    return arrays if slow.sign is None else jax.tree.map(jnp.multiply, slow.sign, arrays)


def worth(slow: Slow | TransferParams) -> Float[Array, ""]:
    """Returns what a fast cell is worth when it is read [1]: g, or 1 where it does not count."""
    return jnp.where(slow.gain > 0, slow.gain, jnp.ones((), jnp.float32))


def with_slow(fast: Arrays, slow: Arrays, gain: Float[Array, ""]) -> Arrays:
    """Returns arrays of the σ of a reading of both cells of every weight [w.u.].

    Args:
        fast: Arrays of that of the fast cell alone [w.u.]; a tree of None: it is exact.
        slow: The same of the slow one.
        gain: () g [1].
    """
    if not jax.tree.leaves(fast):
        return slow
    scaled = jax.tree.map(lambda one: gain * one, fast)
    return jax.tree.map(jnp.hypot, scaled, slow) if jax.tree.leaves(slow) else scaled
