"""Points that share a program: chips of several technologies side by side."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import jax
import jax.numpy as jnp
import msgspec
import numpy as np

from neuromgd.data.dataset import Dataset
from neuromgd.errors import InputError
from neuromgd.numbers import TASK_NUMBERS
from neuromgd.options.config import Config
from neuromgd.plan.plan import NO_PARTS, Parts, Plan, plan
from neuromgd.study.folder import CHECKPOINTS

# Network and schedule are made anew by every plan; what they are made of is compared instead.
_MADE = ("network", "schedule")
# Of a configuration, what numbers in a program, or its price, may come from.
_NUMBERS = ("platform", "out", "learning", "array", "synapse", "device", "bus", "transfer")


def prepared(
    points: Sequence[Config],
    parts: Parts = NO_PARTS,
    loaded: Dataset | None = None,
    data: dict[tuple, Dataset] | None = None,
) -> list[Plan]:
    """Returns the plans of some points; those of one task share its data.

    Args:
        points: Their configurations.
        parts: What a library user brings.
        loaded: The data of all, where they are at hand already.
        data: Those of tasks that were seen before; new ones are kept in it.

    Raises:
        InputError: If a point cannot be run.
    """
    data = {} if data is None else data
    plans = []
    for point in points:
        task = (point.task, point.data_dir, *(getattr(point, name) for name in TASK_NUMBERS))
        one = plan(point, parts, loaded or data.get(task))
        data[task] = one.data
        plans.append(one)
    return plans


def grouped(points: Sequence[Config], plans: Sequence[Plan]) -> list[list[int]]:
    """Returns the numbers of the points, those together that share a program."""
    groups: list[list[int]] = []
    for number, one in enumerate(plans):
        for group in groups:
            first = group[0]
            if _is_alike(points[first], points[number]) and not _changed(plans[first], one):
                group.append(number)
                break
        else:
            groups.append([number])
    return groups


def _is_alike(one: Config, other: Config) -> bool:
    """Tells whether two configurations differ by nothing but numbers in a program."""
    kept = [name for name in Config.__struct_fields__ if name not in _NUMBERS]
    falls = ("schedule", "decay", "final")
    return all(getattr(one, name) == getattr(other, name) for name in kept) and all(
        getattr(one.learning, name) == getattr(other.learning, name) for name in falls
    )


def _changed(one: Plan, other: Plan) -> bool:
    """Tells whether two plans are different programs."""
    fields = [field.name for field in dataclasses.fields(one.design)]
    if any(getattr(one.design, n) != getattr(other.design, n) for n in fields if n not in _MADE):
        return True
    if jax.tree.structure(one.params) != jax.tree.structure(other.params):
        return True
    shapes = [[jnp.shape(leaf) for leaf in jax.tree.leaves(p.params)] for p in (one, other)]
    same = lambda p: (p.tau, p.windows, p.layers, p.data.name)
    return shapes[0] != shapes[1] or same(one) != same(other)


def varying(plans: Sequence[Plan]) -> tuple[bool, ...]:
    """Returns which leaves of the parameters differ between points that share a program."""
    leaves = zip(*(jax.tree.leaves(one.params) for one in plans), strict=True)
    return tuple(any(not np.array_equal(leaf, own[0]) for leaf in own) for own in leaves)


def joined(
    plans: Sequence[Plan],
    chips: int,
    first_chips: tuple[int, ...] = (),
    varies: tuple[bool, ...] | None = None,
) -> Plan:
    """Returns one plan for all points: what differs between them has an axis of members.

    Args:
        plans: Of points that share a program.
        chips: Of each of them.
        first_chips: Number of the first chip of every point; (): all have the same chips.
        varies: Which leaves of the parameters have an axis of members; None: those that differ.

    Raises:
        InputError: If a point needs another program.
    """
    first = plans[0]
    if any(_changed(first, other) for other in plans[1:]):
        raise InputError("points that run together: a value changes the program, not a number")
    leaves = list(zip(*(jax.tree.leaves(one.params) for one in plans), strict=True))
    varies = varying(plans) if varies is None else varies
    joint = [
        jnp.repeat(jnp.stack(own), chips, axis=0) if is_own else own[0]
        for own, is_own in zip(leaves, varies, strict=True)
    ]
    params = jax.tree.unflatten(jax.tree.structure(first.params), joint)
    # A history has one time: none, where the points have not one and the same.
    report = first.report if all(one.report == first.report for one in plans) else None
    return first._replace(
        params=params, varies=varies, points=len(plans), report=report, first_chips=first_chips
    )


def is_begun(folder: Path) -> bool:
    """Tells whether a run in a folder has left chips to go on with."""
    kept = folder / CHECKPOINTS
    return kept.is_dir() and any(one.name.isdigit() for one in kept.iterdir())


def in_folder(config: Config, folder: Path) -> Config:
    """Returns the configuration of a run in another folder."""
    return msgspec.structs.replace(config, out=str(folder))
