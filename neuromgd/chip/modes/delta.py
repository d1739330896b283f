"""A delta rule in the last array, beside any mode that kicks the others.

In the pass without kicks every output j has its error at hand, e_j = ∂C/∂z_j: what its activation
makes of what it gives and what is wanted, times the slope of the activation at its current z_j. A
wire for each column brings it to the synapses of the array; each multiplies it by what drives its
row and adds, G_ij += e_j·x_i, once for every such pass. They are neither kicked nor reached by the
bus, and store nothing but that sum. All other arrays learn as before one that is frozen.

References:
    Widrow and Hoff, "Adaptive switching circuits", IRE WESCON Conv. Rec. 4, 96 (1960).
"""

import dataclasses
from functools import lru_cache, reduce
from operator import getitem
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from neuromgd.bus.costs.error import errors
from neuromgd.chip.centre import centred
from neuromgd.chip.chip import Chip, encodings, weights
from neuromgd.chip.design import Design
from neuromgd.chip.frozen import learning, put
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import Mode
from neuromgd.chip.passes import Costs, cell_noise
from neuromgd.chip.record import Record
from neuromgd.data.sample import Sample
from neuromgd.network.forward import forward_with_rows
from neuromgd.network.readout import readout
from neuromgd.network.taps import Port
from neuromgd.randomness import Stream, stream
from neuromgd.synapse.accumulator import held, leaked
from neuromgd.synapse.learn import add
from neuromgd.synapse.state import SynapseState, SynapseTraits, at_rest
from neuromgd.typing import Arrays, Count


@lru_cache(maxsize=64)  # equal ones are one mode, so that their runs share a program
def with_delta(mode: Mode, path: tuple[str, ...]) -> Mode:
    """Returns a mode in which one array learns by the errors of its outputs, the others as ever.

    Args:
        mode: Of the others.
        path: Of the module of the last array, see ``neuromgd.network.readout``.
    """
    own = lambda tree: None if tree is None else reduce(getitem, path, tree)

    def inside(machine: Machine) -> Machine:
        frozen = (*machine.design.frozen, path)
        design = dataclasses.replace(machine.design, mode=mode, frozen=frozen)
        return machine.replace(design=design)

    def others(machine: Machine, chip: Chip) -> Chip:
        design, traits, circuits = inside(machine).design, chip.traits, chip.traits.synapse
        left = lambda tree: None if tree is None else learning(design, tree)
        circuits = circuits.replace(
            multiplier_gain=left(circuits.multiplier_gain),
            multiplier_offset=left(circuits.multiplier_offset),
        )
        traits = traits.replace(synapse=circuits, reception=left(traits.reception))
        return chip.replace(traits=traits, synapse=_bare(design, chip.synapse))

    def circuits(chip: Chip) -> SynapseTraits:
        traits = chip.traits.synapse
        return SynapseTraits(
            multiplier_gain=own(traits.multiplier_gain),
            multiplier_offset=own(traits.multiplier_offset),
        )

    def sums(synapse: SynapseState) -> SynapseState:
        """Returns what the synapses of the array keep."""
        total, received = own(synapse.gradient_sum), jax.tree.leaves(own(synapse.received))[0]
        return synapse.replace(perturbation={}, gradient_sum=total, received=received)

    def together(after: Chip, chip: Chip, sums: SynapseState) -> Chip:
        synapse = _together(after.synapse, sums, path)
        return after.replace(traits=chip.traits, synapse=synapse)

    def compare(
        machine: Machine,
        chip: Chip,
        theta: Arrays,
        kick: Any,
        sample: Sample,
        cost_0: Float[Array, " samples"] | None,
        n: Int[Array, " samples"],
    ) -> tuple[Costs, Chip]:
        inner, tau = inside(machine), machine.tau
        costs, after = mode.compare(inner, others(machine, chip), theta, kick, sample, cost_0, n)
        leak, now = machine.params.synapse.accumulator_leak, sums(chip.synapse)
        now = now.replace(gradient_sum=leaked(leak, now.gradient_sum, 1))
        more = _products(machine, chip, theta, sample, n)
        added = _added(machine, circuits(chip), chip, now, more, 1, n[0])
        is_taken = machine.design.reference.latest(n[0], tau.sample, tau.update) == n[0]
        now = jax.tree.map(lambda one, other: jnp.where(is_taken, one, other), added, now)
        return costs, together(after, chip, now)

    def learn(
        machine: Machine, chip: Chip, delta_cost: Float[Array, ""], n: Int[Array, ""]
    ) -> Chip:
        after = mode.learn(inside(machine), others(machine, chip), delta_cost, n)
        return together(after, chip, sums(chip.synapse))

    def window(
        machine: Machine, chip: Chip, number: Int[Array, ""], sample: Sample
    ) -> tuple[Chip, Record]:
        assert mode.window is not None
        after, record = mode.window(inside(machine), others(machine, chip), number, sample)
        rest = at_rest(own(weights(chip)))
        return together(
            after, chip, _summed(machine, circuits(chip), chip, rest, number, sample)
        ), record

    def rest(arrays: Arrays) -> SynapseState:
        return _together(mode.at_rest(put(arrays, path, {})), at_rest(own(arrays)), path)

    def of_others(told, machine: Machine, theta: Arrays) -> Any:
        return told(inside(machine), put(theta, path, {}))

    return mode._replace(
        at_rest=rest,
        kick=lambda machine, chip, slot: mode.kick(inside(machine), others(machine, chip), slot),
        compare=compare,
        learn=learn,
        window=None if mode.window is None else window,
        steps_because=lambda machine: mode.steps_because(inside(machine)),
        kicked=lambda machine, theta: of_others(mode.kicked, machine, theta),
        kickers=lambda machine, theta: of_others(mode.kickers, machine, theta),
        memory=lambda machine, theta: of_others(mode.memory, machine, theta),
        by_error=(path,),
    )


def _bare(design: Design, synapse: SynapseState | None) -> SynapseState | None:
    """Returns what the circuits keep that hear the bus."""
    if synapse is None:
        return None
    return synapse.replace(
        gradient_sum=learning(design, synapse.gradient_sum),
        received=jax.tree.leaves(learning(design, synapse.received))[0],
    )


def _together(synapse: SynapseState, own: SynapseState, path: tuple[str, ...]) -> SynapseState:
    """Returns what all circuits keep, every array with its own count."""
    counts = jax.tree.map(lambda _: synapse.received, synapse.gradient_sum)
    own_counts = jax.tree.map(lambda _: own.received, own.gradient_sum)
    return synapse.replace(
        gradient_sum=put(synapse.gradient_sum, path, own.gradient_sum),
        received=put(counts, path, own_counts),
    )


def _products(
    machine: Machine, chip: Chip, theta: Arrays, sample: Sample, n: Int[Array, " samples"]
) -> Arrays:
    """Returns Σ e_j·x_i over the passes without kicks at timesteps n [cost/w.u.]."""
    design, params = machine.design, machine.params
    last = readout(design.network)
    rows, neurons = (Port.ROWS, last.array.number), (Port.NEURONS_IN, last.layer or 0)
    deviation, joint = cell_noise(machine, chip, n)
    outputs, seen = forward_with_rows(
        design.network,
        params.network,
        centred(chip.traits.converters, chip.centre),
        theta,
        sample.x,
        jax.vmap(lambda n: stream(chip.key, Stream.READ_REFERENCE, n))(n),
        deviation,
        chip_key=chip.key,
        together=joint,
        encodings=encodings(machine, chip),
        noted=frozenset((rows, neurons) if last.layer is not None else (rows,)),
    )
    error = errors(design.cost, outputs, sample.y)
    if last.activation is not None:
        (error,) = jax.vjp(last.activation, seen[neurons])[1](error)
    scale = design.network.weight_scale
    return jax.tree.map(lambda one: scale * one, last.array.traces(theta, seen[rows], error))


def _summed(
    machine: Machine,
    circuits: SynapseTraits,
    chip: Chip,
    synapse: SynapseState,
    number: Int[Array, ""],
    sample: Sample,
) -> SynapseState:
    """Returns what the synapses of the array keep after all timesteps of a window."""
    tau, params, theta = machine.tau, machine.params.synapse, weights(chip)
    with jax.ensure_compile_time_eval():
        every = jnp.arange(tau.update)
        taken = np.flatnonzero(
            machine.design.reference.latest(every, tau.sample, tau.update) == every
        )
    n, shown = number * tau.update + taken, jax.tree.map(lambda x: x[taken // tau.sample], sample)
    if params.has_linear_accumulator:
        more = _products(machine, chip, theta, shown, n)
        return _added(machine, circuits, chip, synapse, more, len(taken), n[0])

    def one(synapse: SynapseState, given: tuple[Array, Array, Sample]):
        n, since, alone = given
        total = leaked(params.accumulator_leak, synapse.gradient_sum, since)
        alone = jax.tree.map(lambda leaf: leaf[None], alone)
        more = _products(machine, chip, theta, alone, n[None])
        synapse = synapse.replace(gradient_sum=total)
        return _added(machine, circuits, chip, synapse, more, 1, n), None

    since = jnp.asarray(np.diff(taken, prepend=-1))
    synapse, _ = jax.lax.scan(one, synapse, (n, since, shown))
    after = leaked(params.accumulator_leak, synapse.gradient_sum, tau.update - 1 - int(taken[-1]))
    return synapse.replace(gradient_sum=after)


def _added(
    machine: Machine,
    circuits: SynapseTraits,
    chip: Chip,
    synapse: SynapseState,
    products: Arrays,
    count: Count,
    n: Int[Array, ""],
) -> SynapseState:
    """Returns the sums with products of so many passes more, as the circuits hold them."""
    passes = jax.tree.map(lambda _: jnp.asarray(count, jnp.float32), products)
    synapse = add(circuits, synapse, products, passes, count)
    params, rounding = machine.params.synapse, machine.design.accumulator_rounding
    total = held(
        params.accumulator_range, params.accumulator_top, rounding, synapse.gradient_sum,
        chip.key, Stream.ERROR_ACCUMULATOR, n,
    )  # fmt: skip
    return synapse.replace(gradient_sum=total)
