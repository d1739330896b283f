"""Frozen arrays: their cells are read like all others, but neither kicked nor written.

A pytree of what learns has an empty dictionary in the place of each of them: it has no leaf there,
so nothing is drawn, summed or kept for it.
"""

from collections.abc import Sequence
from functools import reduce
from operator import getitem
from typing import Any

import jax
import jax.numpy as jnp

from neuromgd.chip.design import Design
from neuromgd.typing import Arrays


def put(tree: Any, path: Sequence[str], value: Any) -> Any:
    """Returns a pytree with another value at one path."""
    if not path:
        return value
    return {**tree, path[0]: put(tree[path[0]], path[1:], value)}


def learning(design: Design, arrays: Arrays) -> Arrays:
    """Returns a pytree of arrays without those that are frozen."""
    for path in design.frozen:
        arrays = put(arrays, path, {})
    return arrays


def beside_frozen(design: Design, learnt: Arrays, whole: Arrays) -> Arrays:
    """Returns what learns together with the frozen arrays of a whole pytree."""
    for path in design.frozen:
        learnt = put(learnt, path, reduce(getitem, path, whole))
    return learnt


def still(design: Design, moved: Arrays, whole: Arrays) -> Arrays:
    """Returns what arrays are moved by, 0 for the frozen ones of a whole pytree."""
    return beside_frozen(design, moved, jax.tree.map(jnp.zeros_like, whole))
