"""The chips of a run, each where the run's layout wants it."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, Key

from neuromgd.chip.chip import Chip
from neuromgd.fleet.calibrate import calibrated, is_to_listen, looked
from neuromgd.fleet.layout import ONE_DEVICE, Layout
from neuromgd.fleet.needed import placed_by, refuse_beyond_memory
from neuromgd.fleet.shard import fabricate_sharded
from neuromgd.fleet.simulated import fabricate_all
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan
from neuromgd.randomness import root_key


def placed(config: Config, plan: Plan) -> tuple[Plan, Layout]:
    """Returns the plan with its parameters where they are needed, and where the chips run."""
    leaves, structure = jax.tree.flatten(plan.params)
    flags = plan.varies or (False,) * len(leaves)
    first = [leaf[0] if is_own else leaf for leaf, is_own in zip(leaves, flags, strict=True)]
    machine = plan.machine.replace(params=jax.tree.unflatten(structure, first))
    where = refuse_beyond_memory(config, plan, machine, placed_by(config, plan))
    members = config.chips * plan.points
    ready = [
        where.dealt(_filled(leaf, where.places(members))) if is_own else where.everywhere(leaf)
        for leaf, is_own in zip(leaves, flags, strict=True)
    ]
    return plan._replace(params=jax.tree.unflatten(structure, ready)), where


def make_chips(config: Config, plan: Plan, where: Layout = ONE_DEVICE) -> Chip:
    """Fabricates and calibrates the chips of a run, along a leading axis of places."""
    return calibrated(config, plan, partial(fabricated, config, plan, where), where)


def shapes_of_chips(config: Config, plan: Plan, where: Layout = ONE_DEVICE) -> Chip:
    """Returns the shapes of what ``make_chips`` makes."""
    shapes = jax.eval_shape(lambda: looked(plan, fabricated(config, plan, where), where))
    if not is_to_listen(plan):
        return shapes
    heard = jax.ShapeDtypeStruct(shapes.key.shape, jnp.float32)
    return shapes.replace(traits=shapes.traits.replace(delta_range=heard))


def fabricated(config: Config, plan: Plan, where: Layout = ONE_DEVICE) -> Chip:
    """Fabricates the chips of a run, along a leading axis of places."""
    # A chip is the same at every point of a sweep but for what is swept, unless it is asked for.
    first = np.asarray(plan.first_chips or (0,) * plan.points)
    members = (first[:, None] + np.arange(config.chips)).reshape(-1)
    numbers = _filled(members, where.places(len(members)))
    # One program, not ten small ones.
    all_keys = jax.jit(_keys, static_argnums=(0, 2), out_shardings=where.apart())
    keys = all_keys(config.seed, numbers, config.generator)
    if config.shard_arrays:
        return fabricate_sharded(plan.design, plan.params, keys)
    return fabricate_all(plan.design, plan.params, keys, plan.varies, where.mesh)


def _keys(seed: int, numbers: Int[Array, " chips"], generator: str) -> Key[Array, " chips"]:
    return jax.vmap(lambda number: root_key(seed, number, generator))(numbers)


def _filled(leaf, places: int):
    """Returns members with the last one repeated, up to a number of places."""
    if len(leaf) == places:
        return leaf
    return np.concatenate([leaf, np.repeat(leaf[-1:], places - len(leaf), axis=0)])
