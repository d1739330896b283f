"""Node perturbation, all timesteps of a window at once.

Every sample has its own kick of the neurons in one pass, and what a window leaves in the sums of an
array is one product of matrices: the rows of all samples, times their kicks and ΔC. Gives what a
scan of ``step`` over the window gives, up to the order of float32 sums.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuromgd.bus.reception import is_alike
from neuromgd.chip.centre import heard, sums
from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.factored import at_samples, extra_of, is_factored
from neuromgd.chip.frozen import learning
from neuromgd.chip.hear import hear, sent
from neuromgd.chip.machine import Machine
from neuromgd.chip.modes.gates import gated_factors, masks, weight_gates
from neuromgd.chip.modes.node_kick import (
    Behind,
    ByNumber,
    drawn,
    kept,
    kicked,
    others,
    replaced,
    seen,
    sized,
)
from neuromgd.chip.modes.node_passes import (
    Passed,
    compared_with_rows,
    costs_and_rows,
    kicked_passes,
)
from neuromgd.chip.modes.weight_window import deltas, reference
from neuromgd.chip.passes import Costs
from neuromgd.chip.record import Record, noted
from neuromgd.data.sample import Sample
from neuromgd.network.forward import Rows
from neuromgd.randomness import Stream
from neuromgd.synapse.learn import add, correlated
from neuromgd.synapse.perturb import applied
from neuromgd.synapse.state import SynapseState, SynapseTraits, at_rest
from neuromgd.typing import Arrays, Factors


class Kicks(NamedTuple):
    """The kicks of all slots of a window, all of the amplitude of weights.

    Attributes:
        neurons: (slots, …) of the arrays that kick their neurons.
        factors: Of the others, as pytree of ``Factors``; without leaves where there are none.
    """

    neurons: ByNumber
    factors: Arrays


class Sent(NamedTuple):
    """The broadcasts of a window.

    Attributes:
        delta_cost: (broadcasts,) what the meter gave [cost].
        n: (broadcasts,) timesteps they were sent at.
        slot: (broadcasts,) place in the window of the perturbation that each belongs to.
    """

    delta_cost: Float[Array, " broadcasts"]
    n: Int[Array, " broadcasts"]
    slot: Int[Array, " broadcasts"]


def window(
    those: Behind, machine: Machine, chip: Chip, number: Int[Array, ""], sample: Sample
) -> tuple[Chip, Record]:
    """Does what ``neuromgd.chip.window.window`` does before the write, with those kicked."""
    n = number * machine.tau.update + jnp.arange(machine.tau.update)
    every, cost_0 = reference(machine, chip, sample, n)
    is_all = not jax.tree.leaves(others(learning(machine.design, weights(chip)), those))
    passes = _at_once if is_all or is_factored(machine, chip, every) else _by_slots
    synapse, record, left = passes(machine, those, chip, every, cost_0, n)
    return chip.replace(synapse=synapse, centre=heard(chip.centre, left)), record


def _at_once(
    machine: Machine,
    those: Behind,
    chip: Chip,
    sample: Sample,
    cost_0: Float[Array, " timesteps"] | None,
    n: Int[Array, " timesteps"],
) -> tuple[SynapseState, Record, dict[int, Array]]:
    """Runs all perturbations in one pass: no array of weights is ever kicked as a whole."""
    theta, held = learning(machine.design, weights(chip)), machine.tau.perturbation
    kicks = _kicks(machine, those, chip, theta, n)
    costs, rows = _passes(machine, those, chip, kicks, sample, cost_0, n)
    left = sums(chip.centre, rows)
    by_slot = jax.tree.map(lambda leaf: leaf.reshape(-1, held), (n, costs))
    cost, delta, at = jax.vmap(lambda n, one: deltas(machine, chip, n, one))(*by_slot)
    slot = jnp.broadcast_to(jnp.arange(len(at))[:, None], at.shape)
    told = Sent(delta.reshape(-1), at.reshape(-1), slot.reshape(-1))
    if len(told.n) < len(n):
        # A synapse keeps what it saw in the last timestep before a ΔC.
        rows = {number: x[held - 1 :: held] for number, x in rows.items()}
    hearing = _summed if _is_linear(machine) else _one_by_one
    synapse = hearing(machine, those, chip, theta, kicks, rows, told)
    return synapse, noted(cost, delta), left


def _kicks(
    machine: Machine, those: Behind, chip: Chip, theta: Arrays, n: Int[Array, " timesteps"]
) -> Kicks:
    code, tau, shapes = machine.design.code, machine.tau, kicked(those, theta)
    slots = tau.update // tau.perturbation
    if code.factors is not None:
        factors = code.factors(chip.key, shapes, n[0] // tau.update, slots)
        amplitude = machine.params.synapse.amplitude
        neurons = {
            one.number: amplitude * one.of(factors).dense().reshape(slots, *one.shape)
            for one in those
        }
        return Kicks(neurons, others(factors, those))
    draw = lambda slot: drawn(machine, those, chip, theta, slot)
    every = jax.vmap(draw)(n[:: tau.perturbation] // tau.perturbation)
    return Kicks({one.number: one.of(every) for one in those}, others(every, those))


def _passes(
    machine: Machine,
    those: Behind,
    chip: Chip,
    kicks: Kicks,
    sample: Sample,
    cost_0: Float[Array, " timesteps"] | None,
    n: Int[Array, " timesteps"],
) -> tuple[Costs, Rows]:
    theta, held, side = weights(chip), machine.tau.perturbation, machine.design.reference.side
    amplitude, ratio = machine.params.synapse.amplitude, _ratio(machine)
    factors, traits = at_samples(kicks.factors, held), _traits_of_neurons(those, chip)

    def shifts(sign: float) -> ByNumber:
        if not those:
            return {}
        own = jax.vmap(lambda kick: applied(traits, kick))
        wanted = jax.tree.map(lambda kick: sign * ratio * kick, kicks.neurons)
        return jax.tree.map(lambda leaf: jnp.repeat(leaf, held, axis=0), own(wanted))

    def run(sign: float, which: Stream, size: Float[Array, ""], shifts: ByNumber) -> Passed:
        more = extra_of(machine, chip, factors, sign, size)
        return costs_and_rows(machine, those, chip, theta, shifts, sample, which, n, more)

    def slope() -> tuple[Array, Array, Rows]:
        up = shifts(1.0)
        if side != 0:
            up = jax.tree.map(lambda one, other: (one - other) / 2, up, shifts(-1.0))

        def along(size: Float[Array, ""], shifts: ByNumber):
            plus, rows = run(1.0, Stream.READ, size, shifts)
            if side == 0:
                return plus, (plus, rows)
            opposite = jax.tree.map(jnp.negative, shifts)
            minus, _ = run(-1.0, Stream.READ, size, opposite)
            return (plus - minus) / 2, (plus, rows)

        still = jnp.zeros_like(amplitude), jax.tree.map(jnp.zeros_like, up)
        _, added, (cost, rows) = jax.jvp(along, still, (amplitude, up), has_aux=True)
        return cost, added, rows

    at = lambda sign, which: run(sign, which, amplitude, shifts(sign))
    return compared_with_rows(machine, cost_0, at, slope)


def _ratio(machine: Machine) -> Float[Array, ""]:
    synapse = machine.params.synapse
    if synapse.node_amplitude is None:
        return jnp.ones((), jnp.float32)
    return synapse.node_amplitude / synapse.amplitude


def _traits_of_neurons(those: Behind, chip: Chip) -> SynapseTraits:
    def of(tree: Arrays | None) -> ByNumber | None:
        return None if tree is None else {one.number: one.of(tree) for one in those}

    own = chip.traits.synapse
    return SynapseTraits(
        amplitude_gain=of(own.amplitude_gain), amplitude_asymmetry=of(own.amplitude_asymmetry)
    )


def _is_linear(machine: Machine) -> bool:
    """Tells whether broadcasts can be summed before the synapses hear them."""
    synapse = machine.params.synapse
    return (
        synapse.has_faithful_storage
        and synapse.has_linear_accumulator
        and is_alike(machine.params.bus)
    )


def _summed(
    machine: Machine, those: Behind, chip: Chip, theta: Arrays, kicks: Kicks, rows: Rows, told: Sent
) -> SynapseState:
    """Returns the learning circuits after all broadcasts of a window, added up at once."""
    synapse, bare = machine.params.synapse, others(theta, those)
    wire, is_there = sent(machine, chip, told.delta_cost, told.n)

    def times_wire(one: Array) -> Array:
        of_broadcasts = one if len(one) == len(told.n) else one[told.slot]
        return jnp.expand_dims(wire, tuple(range(1, one.ndim))) * of_broadcasts

    traces = seen(machine, those, theta, jax.tree.map(times_wire, kicks.neurons), rows)
    factors, told_each = kicks.factors, wire
    if weight_gates(machine, those):
        factors = jax.tree.map(
            lambda own: Factors(
                own.rows[told.slot], own.columns[told.slot], own.across[:, told.slot]
            ),
            factors,
            is_leaf=lambda leaf: isinstance(leaf, Factors),
        )
        factors = gated_factors(machine, those, factors, rows)
    elif jax.tree.leaves(factors):
        slots = len(jax.tree.leaves(factors)[0])
        told_each = wire.reshape(slots, -1).sum(1)
    products = correlated(synapse, factors, told_each, bare)
    products = replaced(
        products, those,
        lambda one: jax.tree.map(lambda g: g / synapse.amplitude**2, traces[one.number]),
    )  # fmt: skip
    products = sized(machine, those, products, -1)
    if chip.traits.reception is not None:
        products = jax.tree.map(jnp.multiply, products, chip.traits.reception)
    received = jax.tree.map(lambda _: jnp.sum(is_there), theta)
    return add(chip.traits.synapse, at_rest(theta), products, received, len(told.n))


def _one_by_one(
    machine: Machine, those: Behind, chip: Chip, theta: Arrays, kicks: Kicks, rows: Rows, told: Sent
) -> SynapseState:
    """Lets the synapses hear one broadcast after the other; only neurons are kicked."""
    first = told.n[0] // machine.tau.update * machine.tau.update // machine.tau.perturbation

    def one(synapse: SynapseState, given: tuple[Sent, Rows]) -> tuple[SynapseState, None]:
        now, x = given
        own = {number: kick[now.slot][None] for number, kick in kicks.neurons.items()}
        wide = {number: row[None] for number, row in x.items()}
        traces, slot = seen(machine, those, theta, own, wide), first + now.slot
        number = now.n if machine.design.broadcast == "timestep" else slot
        stored = kept(machine, those, chip, theta, traces, {}, slot, number)
        synapse = synapse.replace(perturbation=stored)
        return hear(machine, chip, synapse, now.delta_cost[None], now.n[None]), None

    return jax.lax.scan(one, at_rest(theta), (told, rows))[0]


def _by_slots(
    machine: Machine,
    those: Behind,
    chip: Chip,
    sample: Sample,
    cost_0: Float[Array, " timesteps"] | None,
    n: Int[Array, " timesteps"],
) -> tuple[SynapseState, Record, dict[int, Array]]:
    """Runs one perturbation after the other, each with all its timesteps at once."""
    theta, held = weights(chip), machine.tau.perturbation

    def slot(synapse: SynapseState, timesteps) -> tuple[SynapseState, Any]:
        (sample, cost_0), n = timesteps
        number = n[0] // held
        kicks = drawn(machine, those, chip, theta, number)
        costs, rows = kicked_passes(machine, those, chip, theta, kicks, sample, cost_0, n)
        cost, delta, at = deltas(machine, chip, n, costs)
        own = {one.number: one.of(kicks)[None] for one in those}

        def hear_one(synapse: SynapseState, given):
            delta_cost, n, x = given
            wide = {place: row[None] for place, row in x.items()}
            traces = seen(machine, those, theta, own, wide)
            open_to = masks(machine, those, theta, wide)
            which = n if machine.design.broadcast == "timestep" else number
            stored = kept(machine, those, chip, kicks, traces, open_to, number, which)
            synapse = synapse.replace(perturbation=stored)
            return hear(machine, chip, synapse, delta_cost[None], n[None]), None

        last = {place: row[-len(at) :] for place, row in rows.items()}
        synapse, _ = jax.lax.scan(hear_one, synapse, (delta, at, last))
        return synapse, (noted(cost, delta), sums(chip.centre, rows))

    scheduled = jax.tree.map(
        lambda leaf: leaf.reshape(-1, held, *leaf.shape[1:]), ((sample, cost_0), n)
    )
    rest = at_rest(learning(machine.design, theta))
    synapse, (records, left) = jax.lax.scan(slot, rest, scheduled)
    whole = jax.tree.map(lambda one: jnp.sum(one, axis=0), left)
    return synapse, jax.tree.map(jnp.mean, records), whole
