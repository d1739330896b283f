"""One fabricated chip: how it came out, and everything on it that changes."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Key

from neuromgd.bus import reception
from neuromgd.bus.clip import ClipState, clip_state
from neuromgd.bus.line import LineState, line
from neuromgd.bus.meter import MeterState, meter
from neuromgd.chip.design import ChipParams
from neuromgd.chip.machine import Machine
from neuromgd.device import traits as cell_traits
from neuromgd.device.cell import CellState, read, store
from neuromgd.device.encoding import encoding
from neuromgd.device.zero_shift import zero_shifted
from neuromgd.network.converters import Converters, converters
from neuromgd.randomness import Stream, each, stream
from neuromgd.synapse import perturb
from neuromgd.synapse.state import SynapseTraits
from neuromgd.typing import Arrays, Leaf


class ChipTraits(struct.PyTreeNode, kw_only=True):
    """How one chip came out of the fab.

    Attributes:
        synapse: Of its learning circuits.
        device: Pytree with the ``Traits`` of the cells of every array.
        delta_range: () full scale of its ΔC converter [cost]; None: no converter.
        converters: Around its arrays.
        reception: Arrays of 1 + r, the gain of every synapse's receiver [1]; None: all 1.
    """

    synapse: SynapseTraits
    device: Arrays
    delta_range: Leaf | None = None
    converters: Converters = Converters()
    reception: Arrays | None = None


class Chip(struct.PyTreeNode, kw_only=True):
    """One chip between two timesteps.

    Attributes:
        key: () root key of every random draw on this chip.
        traits: What was fixed when it was made.
        cells: Pytree with the ``CellState`` of every array.
        synapse: What the learning circuits keep; None: nothing, between two windows.
        memory: What they keep for a ΔC that is late; None: nothing but what can be told again.
        meter: What the cost meter keeps.
        clip: What it keeps of the range of ΔC; None: ΔC has none in its own deviations.
        line: Broadcasts on their way to the synapses; None: they arrive at once.
        residue: Arrays of what was asked for and is not written yet [w.u.]; None: none is kept.
        rule_state: What the learning rule keeps, local to each synapse.
    """

    key: Leaf
    traits: ChipTraits
    cells: Arrays
    synapse: Any = None
    memory: Any = None
    meter: MeterState
    clip: ClipState | None = None
    line: LineState | None = None
    residue: Arrays | None = None
    rule_state: Arrays


def over_arrays(function, cells: Arrays, *others: Arrays) -> Arrays:
    """Applies a function of one array's cells to every array of the chip."""
    return jax.tree.map(function, cells, *others, is_leaf=lambda x: isinstance(x, CellState))


def weights(chip: Chip) -> Arrays:
    """Returns the arrays of weights that the network sees [w.u.]."""
    return over_arrays(read, chip.cells)


def encodings(params: ChipParams, chip: Chip) -> Arrays | None:
    """Returns how the weights are conductances at this moment; None: wires do not resist."""
    if params.network.wire_drop is None:
        return None
    return over_arrays(
        lambda cell, own: encoding(params.device, own, cell), chip.cells, chip.traits.device
    )


def fabricate(machine: Machine, key: Key[Array, ""]) -> Chip:
    """Makes one chip: draws its traits, stores its first weights.

    Args:
        machine: What is built, and how good the technology is.
        key: Root key; two chips with one key are the same chip.
    """
    design, params = machine.design, machine.params
    theta = design.network.initialise(stream(key, Stream.INITIAL))
    traits = _cell_traits(machine, theta, key)
    return Chip(
        key=key,
        traits=ChipTraits(
            synapse=perturb.fabricate(
                params.synapse, theta, design.mode.kickers(machine, theta), key
            ),
            device=traits,
            delta_range=params.bus.delta_range,
            converters=converters(params.network),
            reception=reception.fabricate(params.bus, theta, key),
        ),
        cells=jax.tree.map(
            lambda array, own: store(params.device, array, own, design.is_pair), theta, traits
        ),
        synapse=design.mode.at_rest(theta),
        memory=design.mode.memory(machine, theta),
        meter=meter(),
        clip=clip_state(params.bus),
        line=line(design.delay),
        residue=jax.tree.map(jnp.zeros_like, theta) if design.has_residue else None,
        rule_state=design.rule(params.synapse.learning_rate).init(theta),
    )


def _cell_traits(machine: Machine, theta: Arrays, key: Key[Array, ""]) -> Arrays:
    design, params = machine.design, machine.params
    testers = each(key, Stream.ZERO_SHIFT, 0, theta)
    keys = (each(key, trait, 0, theta) for trait in cell_traits.TRAITS)

    def one(array: Array, tester: Key[Array, ""], *own: Key[Array, ""]) -> cell_traits.Traits:
        shape = (2, *array.shape) if design.is_pair else array.shape
        made = cell_traits.fabricate(params.device, shape, *own)
        if params.device.zero_shift is None:
            return made
        return zero_shifted(design.law, params.device, made, design.is_pair, shape, tester)

    return jax.tree.map(one, theta, testers, *keys)
