"""How near the estimates of chips come to the gradient, while no weight of theirs moves.

The estimates are those that a learning rule is told at the end of a window. Here the rule keeps
them and asks for nothing, so that every code, mode, bus and circuit takes part as it does in a run;
what a window does to the cells all the same is undone.
"""

import dataclasses
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax
from flax import struct
from jaxtyping import Array, Float, Int

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.frozen import learning
from neuromgd.chip.machine import Machine
from neuromgd.chip.passes import read_out
from neuromgd.data.sample import Sample, as_shown
from neuromgd.data.stream import order
from neuromgd.fleet.layout import ONE_DEVICE, Layout
from neuromgd.fleet.members import over_members
from neuromgd.fleet.shots import has_shots, needs_shots, shot
from neuromgd.fleet.simulated import WINDOWS
from neuromgd.network.converters import Converters
from neuromgd.synapse.rules.rule import Ready
from neuromgd.typing import Arrays, Leaf

# Samples whose gradients are summed at once.
BATCH = 256
# Presentations by which the power of the gradient of a single one is told.
PRESENTATIONS = 64


def _nothing(params: optax.Params) -> optax.OptState:
    return jax.tree.map(jnp.zeros_like, params)


def _keep(
    updates: optax.Updates, state: optax.OptState, params: optax.Params | None = None
) -> tuple[optax.Updates, optax.OptState]:
    """Asks for nothing, and keeps what it is told in place of what it had."""
    del state, params
    return _nothing(updates), updates


KEEPING = Ready(optax.GradientTransformation(_nothing, _keep))


class Followed(struct.PyTreeNode, kw_only=True):
    """A chip whose estimates are followed, and what is known of them.

    Attributes:
        chip: As it is between two windows.
        truth: Arrays of the true gradient [cost/w.u.].
        total: Arrays of the sum of the estimates [cost/w.u.].
        power: (arrays,) sum of the ‖Ĝ‖² of the windows [cost²/w.u.²].
    """

    chip: Chip
    truth: Arrays
    total: Arrays
    power: Leaf


class Seen(struct.PyTreeNode, kw_only=True):
    """What the estimates come to, (arrays,) each; all of a network are the sum over arrays.

    Attributes:
        along: ⟨ΣĜ, ∇C⟩ [cost²/w.u.²].
        square: ‖ΣĜ‖² [cost²/w.u.²].
        power: Σ‖Ĝ‖² over windows [cost²/w.u.²].
    """

    along: Leaf
    square: Leaf
    power: Leaf


class Truth(struct.PyTreeNode, kw_only=True):
    """The true gradient of a chip.

    Attributes:
        gradient: Arrays of it [cost/w.u.].
        square: (arrays,) ‖∇C‖² [cost²/w.u.²].
        each: (arrays,) mean ‖∇C‖² of what one perturbation is held against [cost²/w.u.²].
        shot: (arrays,) mean ‖Ĝ‖² of one perturbation [cost²/w.u.²]; None: it is not known, or
            follows from ``each`` where all weights that learn are kicked.
    """

    gradient: Arrays
    square: Leaf
    each: Leaf
    shot: Leaf | None = None


def names(theta: Arrays) -> list[str]:
    """Returns what the arrays of a network are called: weights of one module are one array."""
    return list(dict.fromkeys(_name(path) for path, _ in jax.tree.leaves_with_path(theta)))


def by_array(values: Arrays) -> Float[Array, " arrays"]:
    """Returns the (arrays,) sums of () values of all weights of an array, in the order of names."""
    sums: dict[str, Array] = {}
    for path, value in jax.tree.leaves_with_path(values):
        sums[_name(path)] = sums.get(_name(path), jnp.zeros((), jnp.float32)) + value
    return jnp.stack(list(sums.values()))


def _name(path: tuple[Any, ...]) -> str:
    return jax.tree_util.keystr(path[:-1] or path, simple=True, separator="/")


def keeping(design: Design) -> Design:
    """Returns the design whose learning rule keeps the very estimate and asks for nothing."""
    return dataclasses.replace(design, rule=KEEPING, step_normalisation="none")


def without_rule(params: ChipParams) -> ChipParams:
    """Returns the parameters without what a rule would do to an estimate, or the time to a cell."""
    synapse = params.synapse.replace(rule_range=None, rule_top=None, rate_ratios=None)
    return params.replace(synapse=synapse, seconds_per_timestep=None, warming=None)


@partial(jax.jit, static_argnums=(0, 1, 6, 7))
def truths(
    design: Design,
    tau: Tau,
    params: ChipParams,
    chips: Chip,
    samples: Sample,
    scale: Leaf | None,
    varies: tuple[bool, ...] = (),
    layout: Layout = ONE_DEVICE,
) -> Truth:
    """Returns the gradient of every chip's own cost, by backpropagation.

    Defects of neurons, crosstalk and wires count, which the chip cannot tell from its network;
    noise and converters do not.

    Args:
        design: What is built.
        tau: Hold times [timesteps].
        params: How good the technology is.
        chips: Chips along a leading axis.
        samples: (samples, …) over which the cost is a mean, as stored.
        scale: () what a stored input is multiplied by; None: tokens.
        varies: Which leaves of ``params`` differ between chips, see ``over_members``.
        layout: Where they run.
    """
    size = len(samples.y)
    shared_by = min(max(tau.perturbation // tau.sample, 1), size)

    def one(params: ChipParams, chip: Chip, shared: Any) -> Truth:
        samples, scale = shared
        still, theta = _without_noise(chip), weights(chip)
        machine = Machine(design, _smooth(params), tau)

        def cost(theta: Arrays, index: Int[Array, " some"]) -> Float[Array, ""]:
            keys = jax.random.split(jax.random.key(0), len(index))
            x = as_shown(samples.x[index], scale)
            outputs = read_out(machine, still, theta, x, keys)
            return jnp.sum(jax.vmap(design.cost)(outputs, samples.y[index]))

        def over(index: Int[Array, " some"]) -> Arrays:
            """Returns the gradient of the mean cost of some samples."""
            whole = len(index) // BATCH * BATCH
            total = jax.tree.map(jnp.zeros_like, theta)
            if whole:
                batches = index[:whole].reshape(-1, BATCH)
                add = lambda sum, some: (jax.tree.map(jnp.add, sum, jax.grad(cost)(theta, some)), 0)
                total = jax.lax.scan(add, total, batches)[0]
            if whole < len(index):
                rest = jax.grad(cost)(theta, index[whole:])
                total = jax.tree.map(jnp.add, total, rest)
            return jax.tree.map(lambda sum: sum / len(index), total)

        def alone(one: Int[Array, ""]) -> Array:
            sample = Sample(as_shown(samples.x[one][None], scale), samples.y[one][None])
            return by_array(shot(machine, still, sample))

        squares = lambda whole: _squares(learning(design, whole))
        gradient = learning(design, over(jnp.arange(size)))
        groups = min(PRESENTATIONS, size // shared_by)
        shown = order(chip.key, jnp.zeros((), jnp.int32), groups * shared_by, size)
        if shared_by == size:
            each = _squares(gradient)
        else:
            each = jnp.mean(
                jax.lax.map(lambda some: squares(over(some)), shown.reshape(groups, -1)), axis=0
            )
        is_told = needs_shots(machine, gradient) and has_shots(machine, gradient)
        power = jnp.mean(jax.lax.map(alone, shown), axis=0) if is_told else None
        return Truth(gradient=gradient, square=_squares(gradient), each=each, shot=power)

    return over_members(one, varies, params, chips, (samples, scale), layout)


def _squares(arrays: Arrays) -> Float[Array, " arrays"]:
    return by_array(jax.tree.map(lambda one: jnp.sum(jnp.square(one)), arrays))


def _smooth(params: ChipParams) -> ChipParams:
    network = params.network.replace(
        read_noise=None, output_noise=None, weight_scale=None, dac_top=None, dac_range=None,
        dac_bottom=None, adc_top=None, adc_range=None, adc_gain_spread=None,
        adc_offset_spread=None, adc_nonlinearity=None,
    )  # fmt: skip
    return params.replace(network=network)


def _without_noise(chip: Chip) -> Chip:
    # Cells bend at the voltages that converters give them.
    bare = Converters(full_input=chip.traits.converters.full_input)
    return chip.replace(traits=chip.traits.replace(converters=bare))


@partial(jax.jit, static_argnums=(0, 1, 2, 9, 10))
def follow(
    design: Design,
    tau: Tau,
    engine: str,
    params: ChipParams,
    followed: Followed,
    first: Int[Array, ""],
    last: Int[Array, ""],
    samples: Sample,
    scale: Leaf | None,
    varies: tuple[bool, ...] = (),
    layout: Layout = ONE_DEVICE,
) -> tuple[Followed, Seen]:
    """Follows the estimates of all chips through some windows.

    Args:
        design: From ``keeping``.
        tau: Hold times [timesteps].
        engine: A name in ``neuromgd.fleet.simulated.WINDOWS``.
        params: From ``without_rule``.
        followed: Chips along a leading axis.
        first: Number of the first window.
        last: Number of the window to stop before.
        samples: (samples, …) that are shown, as stored.
        scale: () what a stored input is multiplied by; None: tokens.
        varies: Which leaves of ``params`` differ between chips, see ``over_members``.
        layout: Where they run.

    Returns:
        The chips after, and (chips, arrays) of what their estimates come to since window 0.
    """
    shown = tau.update // tau.sample

    def one(params: ChipParams, own: Followed, shared: Any) -> tuple[Followed, Seen]:
        first, last, samples, scale = shared
        machine = Machine(design, params, tau)

        def body(number: Int[Array, ""], state: tuple[Chip, Arrays, Array]):
            chip, total, power = state
            index = order(chip.key, number * shown, shown, len(samples.y))
            sample = Sample(as_shown(samples.x[index], scale), samples.y[index])
            after, _ = WINDOWS[engine](machine, chip, number, sample)
            estimate = after.rule_state
            chip = after.replace(cells=chip.cells, slow=chip.slow, residue=chip.residue)
            return chip, jax.tree.map(jnp.add, total, estimate), power + _squares(estimate)

        state = own.chip, own.total, own.power
        chip, total, power = jax.lax.fori_loop(first, last, body, state)
        along = by_array(jax.tree.map(lambda a, b: jnp.sum(a * b), total, own.truth))
        seen = Seen(along=along, square=_squares(total), power=power)
        return own.replace(chip=chip, total=total, power=power), seen

    shared = first, last, samples, scale
    return over_members(one, varies, params, followed, shared, layout)
