"""The passes in which neurons are kicked, and what drives the arrays meanwhile."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float, Int

from neuromgd.chip.centre import centred
from neuromgd.chip.chip import Chip, encodings, weights
from neuromgd.chip.frozen import beside_frozen, learning, still
from neuromgd.chip.machine import Machine
from neuromgd.chip.modes.gates import weight_gates
from neuromgd.chip.modes.node_kick import Behind, ByNumber, others, replaced, sized
from neuromgd.chip.passes import Costs, cell_noise, compared
from neuromgd.chip.waiting import cells_at
from neuromgd.data.sample import Sample
from neuromgd.network.forward import Extra, Gated, Rows, forward_with_rows
from neuromgd.network.taps import Port
from neuromgd.randomness import Stream, stream
from neuromgd.synapse.perturb import applied
from neuromgd.typing import Arrays

# What a pass costs, and what drove its arrays.
Passed = tuple[Float[Array, " samples"], Rows]


def kicked_passes(
    machine: Machine,
    those: Behind,
    chip: Chip,
    theta: Arrays,
    kicks: Arrays,
    sample: Sample,
    cost_0: Float[Array, " samples"] | None,
    n: Int[Array, " samples"],
) -> tuple[Costs, Rows]:
    """Does what ``passes.compare`` does, and tells what drove every array under the kick.

    Args:
        machine: What is built, and how good the technology is.
        those: Neurons that are kicked.
        chip: The chip that is read.
        theta: Arrays of weights [w.u.].
        kicks: From ``node_kick.drawn``, the same for all samples.
        sample: Samples along a leading axis.
        cost_0: (samples,) from ``passes.reference_costs``.
        n: (samples,) timestep of every reading.
    """
    sizes, traits = sized(machine, those, kicks), chip.traits.synapse
    up = applied(traits, sizes)
    down = applied(traits, jax.tree.map(jnp.negative, sizes))

    gated = tuple(gate.array for gate in weight_gates(machine, those) if gate.layer is not None)
    beside, design = those + gated, machine.design

    def run(
        which: Stream, theta: Arrays, shifts: ByNumber, kicks: ByNumber, chip: Chip = chip
    ) -> Passed:
        more = _added(machine, gated, kicks)
        return costs_and_rows(machine, those, chip, theta, shifts, sample, which, n, more)

    def at(sign: float, which: Stream) -> Passed:
        kick = up if sign > 0 else down
        found = chip.replace(cells=cells_at(machine, chip.cells, sign))
        theta = weights(found)
        here = others(learning(design, theta), beside)
        moved = jax.tree.map(jnp.add, here, others(kick, beside))
        whole = replaced(beside_frozen(design, moved, theta), beside, lambda one: one.of(theta))
        return run(which, whole, _of_neurons(those, kick), _of_weights(gated, kick), found)

    def slope() -> tuple[Array, Array, Rows]:
        along = up
        if machine.design.reference.side != 0:
            along = jax.tree.map(lambda one, other: (one - other) / 2, up, down)
        added = _of_neurons(those, along), _of_weights(gated, along)
        zero = lambda one: jax.tree.map(jnp.zeros_like, one.of(theta))
        tangent = still(design, replaced(along, beside, zero), theta)
        return jax.jvp(
            lambda *given: run(Stream.READ, *given),
            (theta, *jax.tree.map(jnp.zeros_like, added)),
            (tangent, *added),
            has_aux=True,
        )

    return compared_with_rows(machine, cost_0, at, slope)


def compared_with_rows(
    machine: Machine,
    cost_0: Float[Array, " samples"] | None,
    at: Callable[[float, Stream], Passed],
    slope: Callable[[], tuple[Array, Array, Rows]],
) -> tuple[Costs, Rows]:
    """Does what ``passes.compared`` does; the rows are those of the pass under the kick."""
    if machine.design.cost_difference == "exact":
        cost, added, rows = slope()
        return compared(machine, cost_0, lambda *_: cost, lambda: (cost, added)), rows
    plus, rows = at(1.0, Stream.READ)

    def again(sign: float, which: Stream) -> Array:
        return plus if sign > 0 else at(sign, which)[0]

    return compared(machine, cost_0, again, lambda: (plus, plus)), rows


def costs_and_rows(
    machine: Machine,
    those: Behind,
    chip: Chip,
    theta: Arrays,
    shifts: ByNumber,
    sample: Sample,
    which: Stream,
    n: Int[Array, " samples"],
    more: Extra | None = None,
) -> Passed:
    """Returns the (samples,) costs under shifts of neurons [cost], and what drove the arrays.

    Args:
        machine: What is built, and how good the technology is.
        those: Neurons that are kicked.
        chip: Gives the converters and the key of the noise.
        theta: Arrays of weights [w.u.].
        shifts: (samples or 1, …) what is added to what comes out of their arrays [output units].
        sample: Samples along a leading axis.
        which: ``READ`` for the perturbed pass, ``READ_REFERENCE`` for the other one.
        n: (samples,) timestep of every reading.
        more: What is added behind the other arrays.
    """
    keys = jax.vmap(lambda n: stream(chip.key, which, n))(n)
    gated: Gated = {}
    if machine.design.gate in ("post", "pre,post"):
        layers = {one.number: one.rectified for one in those}
        layers |= {gate.array.number: gate.layer for gate in weight_gates(machine, those)}
        gated = {a: layer for a, layer in layers.items() if layer is not None}
    by_path = {one.path: shifts[one.number] for one in those}
    watched = {one.number for one in those} | {
        gate.array.number for gate in weight_gates(machine, those)
    }
    watched |= set() if chip.centre is None else set(chip.centre.mean)

    def extra(module: nn.Module, x: Array) -> Array | None:
        if module.path in by_path:
            return by_path[module.path]
        return None if more is None else more(module, x)

    deviation, together = cell_noise(machine, chip, n)
    outputs, rows = forward_with_rows(
        machine.design.network,
        machine.params.network,
        centred(chip.traits.converters, chip.centre),
        theta,
        sample.x,
        keys,
        deviation,
        extra,
        chip.key,
        together,
        encodings(machine, chip),
        gated,
        frozenset((Port.ROWS, number) for number in watched),
    )
    return jax.vmap(machine.design.cost)(outputs, sample.y), rows


def _added(machine: Machine, gated: Behind, kicks: ByNumber) -> Extra:
    """Returns what the kicks of weights add behind their arrays, where those stay as they are."""
    scale, of_path = machine.design.network.weight_scale, {one.path: one for one in gated}

    def extra(module: nn.Module, x: Array) -> Array | None:
        one = of_path.get(module.path)
        if one is None:
            return None
        kick = jax.tree.map(lambda leaf: scale * leaf, kicks[one.number])
        options = dict(one.options)
        return jnp.asarray(one.module.apply({"params": kick}, x, method=one.method, **options))

    return extra


def _of_neurons(those: Behind, kick: Arrays) -> ByNumber:
    return {one.number: one.of(kick)[None] for one in those}


def _of_weights(gated: Behind, kick: Arrays) -> ByNumber:
    return {one.number: one.of(kick) for one in gated}
