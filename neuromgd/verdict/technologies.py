"""A run seen technology by technology, where arrays have cells of several."""

import dataclasses
from collections.abc import Iterable
from typing import NamedTuple

import jax
import numpy as np

from neuromgd.chip.technologies import every_technology
from neuromgd.fleet.engine import Observed
from neuromgd.plan.plan import Plan
from neuromgd.typing import Arrays
from neuromgd.verdict.check import Check


class View(NamedTuple):
    """The arrays of one technology.

    Attributes:
        where: Begin of a sentence about them; "" where there are no others.
        plan: What was run, as if all cells were of this technology.
        seen: Of the chips, with what is seen of these cells.
        first: (weights,) first weights of their arrays, as they are wanted [w.u.].
    """

    where: str
    plan: Plan
    seen: Observed
    first: np.ndarray


def views(plan: Plan, seen: Observed) -> list[View]:
    """Returns every technology that learns; one where all arrays are of the same.

    Args:
        plan: What was run.
        seen: Of the chips at the end of the run.
    """
    has_registers = plan.params.biases is not None
    if not plan.design.other_cells and not has_registers:
        return [View("", plan, seen, first_weights(plan))]
    theta = _first(plan)
    others = [set(cells.paths) for cells in plan.design.other_cells]
    named = set().union(*others)
    every = {_module(path) for path, _ in jax.tree_util.tree_leaves_with_path(theta)}
    # Registers of biases, the last, err by nothing.
    kinds = every_technology(plan.machine)[: 1 + len(others)]
    each = zip([every - named, *others], kinds, strict=True)
    found = []
    for number, (paths, kind) in enumerate(each):
        own = seen.by_technology[number] if seen.by_technology else None
        if own is None and seen.by_technology:
            continue
        design = dataclasses.replace(
            plan.design, law=kind.law, is_pair=kind.is_pair, other_cells=()
        )
        params = plan.params.replace(device=kind.params, other_devices=(), biases=None)
        names = ", ".join(sorted("/".join(path) for path in paths))
        found.append(
            View(
                f"in {names}: " if others else "",
                plan._replace(design=design, params=params),
                seen if own is None else seen._replace(**own._asdict()),
                _of_modules(theta, paths),
            )
        )
    return found


def first_weights(plan: Plan) -> np.ndarray:
    """Returns first weights, all arrays in one, as they are wanted [w.u.]."""
    return _of_modules(_first(plan), None)


def _first(plan: Plan) -> Arrays:
    # One program, not one for every step of every array.
    return jax.jit(plan.design.network.initialise)(jax.random.key(0))


def worst(checks: Iterable[tuple[str, dict[str, Check]]]) -> dict[str, Check]:
    """Returns each check once, as it is where it is the furthest beyond its limit."""
    found: dict[str, Check] = {}
    for where, own in checks:
        for name, check in own.items():
            told = check._replace(meaning=where + check.meaning)
            if name not in found or _beyond(told) > _beyond(found[name]):
                found[name] = told
    return found


def _beyond(check: Check) -> tuple[float, float]:
    return check.value / check.limit, check.value


def _of_modules(theta, paths: set[tuple[str, ...]] | None) -> np.ndarray:
    leaves = [
        np.asarray(leaf, float).ravel()
        for path, leaf in jax.tree_util.tree_leaves_with_path(theta)
        if paths is None or _module(path) in paths
    ]
    return np.concatenate(leaves)


def _module(path) -> tuple[str, ...]:
    return tuple(str(getattr(key, "key", key)) for key in path[:-1])
