"""What a run needs of memory, by shapes, before anything is made; how much of it fits at once."""

import math
from typing import Any, NamedTuple

import jax
import numpy as np

from neuromgd.chip.chip import fabricate
from neuromgd.chip.machine import Machine
from neuromgd.errors import InputError
from neuromgd.fleet.layout import BYTES_PER_SYNAPSE, Layout, layout, memory_there
from neuromgd.fleet.shown import MOST_SHOWN, between_rows, chunk
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan
from neuromgd.randomness import root_key

# States are there twice: a checkpoint is written of a copy.
_COPIES = 2
# Samples that are looked at together where chips are scored, and passes of a timestep.
_SCORED, _PASSES = 1000, 2
# Windows whose costs are kept until they are averaged, in single precision, twice: as they are, and
# with those that came after.
_MEANS, _OF_MEANS = 2**16, 16
# No state of a synapse with all effects is larger, and no pass of a sample makes more numbers of
# its own than a million or so many times its input.
_MOST_PER_SYNAPSE, _MOST_MADE, _MOST_PER_INPUT = 512, 10**6, 200
# Of a window in one call of the program: five numbers of its record here and on the accelerator.
_OF_RECORD = 40


class Needed(NamedTuple):
    """What a run takes of the memory of its devices [byte].

    Attributes:
        states: Of all chips, and of their copy for a checkpoint.
        program: Temporary arrays of the chips that run side by side.
        records: What is recorded until it is a row, and the order of samples.
        data: Training and test set.
    """

    states: float
    program: float
    records: float
    data: float

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self)

    def told(self) -> str:
        """Returns it in words, with what to change where most of it is."""
        parts = self._asdict()
        most = max(parts, key=lambda name: parts[name])
        each = ", ".join(f"{name} {value / 1e9:.2g}" for name, value in parts.items())
        return f"{each}; give {_ADVICE[most]}, or more --memory"


_ADVICE = {
    "states": "fewer chips or smaller layers (--hidden)",
    "program": "smaller layers (--hidden) or a smaller --batch",
    "records": "fewer chips or a smaller --log-every",
    "data": "another --task",
}


def needed(config: Config, plan: Plan, machine: Machine, where: Layout) -> Needed:
    """Returns what a run needs.

    Args:
        config: What is run.
        plan: What is run, prepared.
        machine: Of one chip.
        where: Where the chips run.
    """
    members, data = config.chips * plan.points, plan.data
    side_by_side = min(where.at_once, members)
    if where.mesh is not None and where.has_members_apart:
        side_by_side *= where.mesh.size
    samples = max(_PASSES * plan.tau.update, min(_SCORED, len(data.test_y)))
    of_one = BYTES_PER_SYNAPSE * synapses(plan) + samples * _activations(plan)
    windows, shown = chunk(config, plan), plan.tau.update // plan.tau.sample
    means = min(between_rows(config, plan), _MEANS)
    return Needed(
        _COPIES * float(bytes_of_one(machine)) * members,
        float(of_one) * side_by_side,
        float(members) * (windows * (_OF_RECORD + 4 * shown) + means * _OF_MEANS),
        float(sum(array.nbytes for array in
                  (data.train_x, data.train_y, data.test_x, data.test_y))),
    )  # fmt: skip


def allowed(config: Config, where: Layout) -> float:
    """Returns the bytes that a run may take of all its devices."""
    each = 1e9 * config.memory if config.memory else memory_there()
    return each * (1 if where.mesh is None else where.mesh.size)


def refuse_beyond_memory(config: Config, plan: Plan, machine: Machine, where: Layout) -> Layout:
    """Returns where a run fits, with fewer chips side by side if need be.

    Raises:
        InputError: If it does not fit, before any chip is made; it says what to change.
    """
    there = allowed(config, where)
    # To ask takes a while: only where it may be too much.
    if _most(config, plan, where) < there:
        return where
    found = needed(config, plan, machine, where)
    if found.total > there and where.at_once > 1:
        side_by_side = min(where.at_once, config.chips * plan.points)
        left = (there - found.total + found.program) / (found.program / side_by_side)
        where = where._replace(at_once=max(1, min(side_by_side, int(left))))
        found = needed(config, plan, machine, where)
    if found.total > there:
        members = config.chips * plan.points
        raise InputError(
            f"option chips: {members:,} chips of {synapses(plan):,} synapses take"
            f" {found.total / 1e9:.3g} GB, allowed are {there / 1e9:.3g} GB: {found.told()}"
        )
    return where


def _most(config: Config, plan: Plan, where: Layout) -> float:
    """Returns more than a run ever needs, without a look at its chips [byte]."""
    members, own = config.chips * plan.points, synapses(plan)
    windows = min(between_rows(config, plan), _MEANS)
    samples = max(_PASSES * plan.tau.update, _SCORED)
    of_sample = 4 * (min(own, _MOST_MADE) + _MOST_PER_INPUT * math.prod(plan.data.inputs))
    side_by_side = members if where.mesh is not None else min(members, where.at_once)
    data = plan.data
    return (
        _COPIES * _MOST_PER_SYNAPSE * own * members
        + (BYTES_PER_SYNAPSE * own + samples * of_sample) * side_by_side
        + members * windows * (_OF_RECORD + _OF_MEANS) + 8.0 * MOST_SHOWN
        + data.train_x.nbytes + data.test_x.nbytes + data.train_y.nbytes + data.test_y.nbytes
    )  # fmt: skip


def points_at_once(config: Config, plan: Plan, points: int) -> int:
    """Returns how many points that share a program fit into the memory together; at least one.

    On a processor chips run side by side in groups of a size of their own; whole groups make the
    numbers of a point the same, whatever points are beside it.

    Args:
        config: Of one of them.
        plan: Of one of them.
        points: How many there are.
    """
    together = plan._replace(points=points)
    where = placed_by(config, together)
    there = allowed(config, where)
    if _most(config, together, where) < there:
        return points
    fits = lambda some: (
        needed(config, plan._replace(points=some), plan.machine, where).total <= there
    )
    if fits(points):
        return points
    low, high = 1, points
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    whole = where.at_once // math.gcd(where.at_once, config.chips)
    return low // whole * whole or low


def placed_by(config: Config, plan: Plan) -> Layout:
    """Returns where the chips of a run are by its options alone."""
    members = config.chips * plan.points
    memory = config.memory and 1e9 * config.memory
    return layout(synapses(plan), members, config.shard_arrays, memory)


def synapses(plan: Plan) -> int:
    """Returns the number of synapses of one chip."""
    theta = jax.eval_shape(plan.design.network.initialise, jax.random.key(0))
    return sum(math.prod(array.shape) for array in jax.tree.leaves(theta))


def bytes_of_one(machine: Machine) -> int:
    """Returns what one chip takes between two windows."""
    one = jax.eval_shape(lambda: fabricate(machine, root_key(0, 0)))
    return sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(one))


def _activations(plan: Plan) -> int:
    """Returns the bytes of all that one pass of one sample makes, the weights apart."""
    network = plan.design.network
    x = jax.ShapeDtypeStruct((1, *(network.inputs or plan.data.inputs)), network.dtype)
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    shapes: Any = jax.make_jaxpr(network.apply)(theta, x).jaxpr.eqns
    made = (one.aval for equation in shapes for one in equation.outvars)
    own = {leaf.shape for leaf in jax.tree.leaves(theta)}
    sizes = [math.prod(one.shape) * np.dtype(one.dtype).itemsize for one in made
             if one.shape not in own]  # fmt: skip
    return sum(sizes) + math.prod(x.shape) * 4
