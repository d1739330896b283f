"""The chips of a run and what they are shown, each where the run's layout wants it."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from neuromgd.chip.chip import Chip
from neuromgd.data.sample import Sample
from neuromgd.randomness import root_key
from neuromgd.study.build import Plan
from neuromgd.study.calibrate import calibrated
from neuromgd.study.config import Config
from neuromgd.study.ensemble import fabricate_all
from neuromgd.study.layout import ONE_DEVICE, Layout, layout
from neuromgd.study.shard import fabricate_sharded


def placed(config: Config, todo: Plan) -> tuple[Plan, Layout]:
    """Returns the plan with its parameters where they are needed, and where the chips run."""
    theta = jax.eval_shape(todo.design.network.initialise, jax.random.key(0))
    synapses = sum(math.prod(array.shape) for array in jax.tree.leaves(theta))
    members = config.chips * todo.points
    where = layout(synapses, members, config.shard_arrays, config.memory and 1e9 * config.memory)
    leaves, structure = jax.tree.flatten(todo.params)
    flags = todo.varies or (False,) * len(leaves)
    ready = [
        jax.device_put(_filled(leaf, where.places(members)), where.apart())
        if is_own
        else where.everywhere(leaf)
        for leaf, is_own in zip(leaves, flags, strict=True)
    ]
    return todo._replace(params=jax.tree.unflatten(structure, ready)), where


def make_chips(config: Config, todo: Plan, where: Layout = ONE_DEVICE) -> Chip:
    """Fabricates and calibrates the chips of a run, along a leading axis of places."""
    # A chip is the same at every point of a sweep but for what is swept.
    members = np.tile(np.arange(config.chips), todo.points)
    # One program, not ten small ones.
    all_keys = jax.vmap(lambda number: root_key(config.seed, number, config.generator))
    numbers = _filled(members, where.places(len(members)))
    keys = jax.jit(all_keys, out_shardings=where.apart())(numbers)
    if config.shard_arrays:
        chips = fabricate_sharded(todo.design, todo.params, keys)
    else:
        chips = fabricate_all(todo.design, todo.params, keys, todo.varies, where.mesh)
    return calibrated(
        todo.design, todo.tau, todo.params, chips, training_set(todo, where), scale(todo, where),
        todo.varies, where,
    )  # fmt: skip


def training_set(todo: Plan, where: Layout = ONE_DEVICE) -> Sample:
    """Returns the training set on the accelerators, as stored."""
    return where.everywhere(Sample(jnp.asarray(todo.data.train_x), jnp.asarray(todo.data.train_y)))


def scale(todo: Plan, where: Layout = ONE_DEVICE) -> jax.Array:
    """Returns () what a stored input is multiplied by."""
    return where.everywhere(jnp.asarray(todo.data.scale, jnp.float32))


def _filled(leaf, places: int):
    """Returns members with the last one repeated, up to a number of places."""
    if len(leaf) == places:
        return leaf
    return np.concatenate([leaf, np.repeat(leaf[-1:], places - len(leaf), axis=0)])
