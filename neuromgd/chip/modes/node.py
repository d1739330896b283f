"""Node perturbation: arrays kick the inputs of their neurons in place of their weights.

A kick ξ_j is added to the current of column j, in front of its converter, anew in every slot and at
every position at which the array is used. A synapse sees ξ_j on its column and x_i on its row in
the perturbed pass; it keeps one number, the sum of their products over positions, and holds it
against ΔC: G_ij += ΔC·Σ ξ_j·x_i/Δ². A bias is a synapse that is driven by 1. Where a kick lasts for
several timesteps, what a synapse keeps is that of the last one before a ΔC.

References:
    Oripov et al., APL Mach. Learn. 3, 026107 (2025): node perturbation beside weight perturbation.
"""

from functools import lru_cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuromgd.chip.centre import heard, moved, sums
from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.hear import hear
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import Mode
from neuromgd.chip.modes import node_kick
from neuromgd.chip.modes.gates import masks, refuse_gate, weight_gates
from neuromgd.chip.modes.node_kick import Behind, ByNumber, behind, drawn, kept, replaced, seen
from neuromgd.chip.modes.node_passes import kicked_passes
from neuromgd.chip.modes.node_window import window
from neuromgd.chip.passes import Costs
from neuromgd.chip.update import update
from neuromgd.data.sample import Sample
from neuromgd.synapse.state import at_rest
from neuromgd.typing import Arrays


class NodeKick(NamedTuple):
    """One perturbation.

    Attributes:
        kicks: From ``node_kick.drawn``.
        cells: The cells after it: a kick of a neuron leaves nothing, one of a weight is beside it.
    """

    kicks: Arrays
    cells: Arrays


@lru_cache(maxsize=64)
def by_array(words: tuple[str, ...] | None) -> Mode:
    """Returns the mode in which some arrays kick their neurons, and the others their weights.

    Args:
        words: ``node``, ``weight`` or ``frozen`` for every array, in the order of first calls;
            None: all node; (): all weight, as ``modes.weight`` does, and gated where the design
            has gates.
    """

    def those(machine: Machine) -> Behind:
        return behind(machine.design.network, words)

    def kick(machine: Machine, chip: Chip, slot: Int[Array, ""]) -> NodeKick:
        return NodeKick(drawn(machine, those(machine), chip, weights(chip), slot), chip.cells)

    def compare(
        machine: Machine,
        chip: Chip,
        theta: Arrays,
        kick: NodeKick,
        sample: Sample,
        cost_0: Float[Array, " samples"] | None,
        n: Int[Array, " samples"],
    ) -> tuple[Costs, Chip]:
        ours = those(machine)
        costs, rows = kicked_passes(machine, ours, chip, theta, kick.kicks, sample, cost_0, n)
        every = {one.number: one.of(kick.kicks)[None] for one in ours}
        noted = seen(machine, ours, theta, every, rows) | masks(machine, ours, theta, rows)
        chip = chip.replace(centre=heard(chip.centre, sums(chip.centre, rows)))
        return costs, _noted(machine, ours, chip, noted, n[0])

    def learn(
        machine: Machine, chip: Chip, delta_cost: Float[Array, ""], n: Int[Array, ""]
    ) -> Chip:
        stored = chip.synapse.replace(perturbation=_recalled(machine, those(machine), chip, n))
        sent_at = n - machine.design.delay
        return chip.replace(synapse=hear(machine, chip, stored, delta_cost[None], sent_at[None]))

    return Mode(
        at_rest=at_rest,
        kick=kick,
        compare=compare,
        learn=learn,
        update=_update,
        window=lambda machine, *given: window(those(machine), machine, *given),
        carries=False,
        steps_because=_steps_because,
        kicked=lambda machine, theta: node_kick.kicked(those(machine), theta),
        kickers=lambda machine, theta: _kickers(machine, those(machine), theta),
        memory=lambda machine, theta: _memory(machine, those(machine), theta),
        sees_rows=True,
    )


def _update(machine: Machine, chip: Chip, window: Int[Array, ""]) -> Chip:
    chip = chip.replace(centre=moved(machine, chip.centre, window))
    return update(machine, chip, window)


def _kickers(machine: Machine, those: Behind, theta: Arrays) -> Arrays:
    if machine.design.gate != "none":
        refuse_gate(machine, those)
    return node_kick.kickers(those, theta)


def _noting(machine: Machine, those: Behind) -> Behind:
    """Returns the arrays whose synapses note anything of a pass."""
    return those + tuple(gate.array for gate in weight_gates(machine, those))


def _steps_because(machine: Machine) -> str | None:
    return "a delayed ΔC arrives in a later perturbation" if machine.design.delay else None


def _number(machine: Machine, n: Int[Array, ""]) -> Int[Array, ""]:
    """Returns the number of what a synapse keeps at a timestep: one for every ΔC."""
    return n if machine.design.broadcast == "timestep" else n // machine.tau.perturbation


def _depth(machine: Machine) -> int:
    """Returns how many numbers a synapse keeps while ΔC is late."""
    design = machine.design
    return min(design.delay + 1, design.stored_perturbations or design.delay + 1)


def _memory(machine: Machine, those: Behind, theta: Arrays) -> ByNumber | None:
    if machine.design.delay == 0:
        return None
    depth = _depth(machine)
    empty = lambda array: jnp.zeros((depth, *array.shape), jnp.float32)
    noting = _noting(machine, those)
    return {one.number: jax.tree.map(empty, one.of(theta)) for one in noting}


def _noted(
    machine: Machine, those: Behind, chip: Chip, traces: ByNumber, n: Int[Array, ""]
) -> Chip:
    """Returns the chip whose synapses keep what they saw at timestep n."""
    if chip.memory is None:
        noting = _noting(machine, those)
        held = replaced(chip.synapse.perturbation, noting, lambda one: traces[one.number])
        return chip.replace(synapse=chip.synapse.replace(perturbation=held))
    place = _number(machine, n) % _depth(machine)
    memory = jax.tree.map(lambda ring, now: ring.at[place].set(now), chip.memory, traces)
    return chip.replace(memory=memory)


def _recalled(machine: Machine, those: Behind, chip: Chip, n: Int[Array, ""]) -> Arrays:
    """Returns what the synapses hold against what they hear at timestep n [w.u.].

    That is what the ΔC belongs to, if they keep as much; else the oldest that they have.
    """
    design, held = machine.design, machine.tau.perturbation
    most = _depth(machine) - 1
    lagging = lambda now, then: now - jnp.minimum(now - then, most)
    slot = lagging(n // held, (n - design.delay) // held)
    number = lagging(_number(machine, n), _number(machine, n - design.delay))
    kicks = drawn(machine, those, chip, weights(chip), slot)
    if chip.memory is None:
        stored = chip.synapse.perturbation
        noted = {one.number: one.of(stored) for one in _noting(machine, those)}
    else:
        noted = jax.tree.map(lambda ring: ring[number % _depth(machine)], chip.memory)
    gates = {gate.array.number for gate in weight_gates(machine, those)}
    open_to = {number: noted.pop(number) for number in gates}
    return kept(machine, those, chip, kicks, noted, open_to, slot, number)


NODE = by_array(None)
