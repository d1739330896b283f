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
from neuromgd.chip.centre import CentreState, centre_state
from neuromgd.chip.design import Design
from neuromgd.chip.frozen import beside_frozen, learning
from neuromgd.chip.machine import Machine
from neuromgd.chip.technologies import technologies
from neuromgd.chip.two_cells import Slow, drawn, slow_cells, together
from neuromgd.device.cell import read, store
from neuromgd.device.encoding import encoding
from neuromgd.device.over_arrays import over_arrays
from neuromgd.network.converters import Converters, converters
from neuromgd.randomness import Stream, stream
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
        slow: A second cell beside each of them, which keeps what they learn; None: there is none.
        synapse: What the learning circuits keep; None: nothing, between two windows.
        memory: What they keep for a ΔC that is late; None: nothing but what can be told again.
        meter: What the cost meter keeps.
        clip: What it keeps of the range of ΔC; None: ΔC has none in its own deviations.
        centre: What the rows of its arrays subtract; None: nothing.
        line: Broadcasts on their way to the synapses; None: they arrive at once.
        residue: Arrays of what was asked for and is not written yet [w.u.]; None: none is kept.
        rule_state: What the learning rule keeps, local to each synapse.
    """

    key: Leaf
    traits: ChipTraits
    cells: Arrays
    slow: Slow | None = None
    synapse: Any = None
    memory: Any = None
    meter: MeterState
    clip: ClipState | None = None
    centre: CentreState | None = None
    line: LineState | None = None
    residue: Arrays | None = None
    rule_state: Arrays


def weights(chip: Chip) -> Arrays:
    """Returns the arrays of weights that the network sees [w.u.]."""
    return together(over_arrays(read, chip.cells), chip.slow)


def encodings(machine: Machine, chip: Chip) -> Arrays | None:
    """Returns how the weights are conductances at this moment; None: wires do not resist."""
    if machine.params.network.wire_drop is None:
        return None
    return over_arrays(
        lambda cell, own, kind: encoding(kind.params, own, cell),
        chip.cells,
        chip.traits.device,
        technologies(machine, chip.cells),
    )


def fabricate(machine: Machine, key: Key[Array, ""]) -> Chip:
    """Makes one chip: draws its traits, stores its first weights.

    Args:
        machine: What is built, and how good the technology is.
        key: Root key; two chips with one key are the same chip.
    """
    design, params = machine.design, machine.params
    theta = design.network.initialise(stream(key, Stream.INITIAL))
    first = theta if design.transfer is None else jax.tree.map(jnp.zeros_like, theta)
    learns = learning(design, theta)
    kinds = technologies(machine, theta)
    traits = drawn(kinds, theta, key)
    return Chip(
        key=key,
        traits=ChipTraits(
            synapse=perturb.fabricate(
                params.synapse, learns, design.mode.kickers(machine, learns), key
            ),
            device=traits,
            delta_range=params.bus.delta_range,
            converters=converters(params.network),
            reception=reception.fabricate(params.bus, learns, key),
        ),
        cells=jax.tree.map(
            lambda array, own, kind: store(kind.params, array, own, kind.is_pair),
            first,
            traits,
            kinds,
        ),
        slow=slow_cells(design.transfer, params.transfer, theta, key),
        synapse=design.mode.at_rest(learns),
        memory=design.mode.memory(machine, learns),
        meter=meter(has_high_pass=not design.reference.is_read),
        clip=clip_state(params.bus),
        centre=centre_state(design, params.network),
        line=line(design.delay),
        residue=jax.tree.map(jnp.zeros_like, learns) if design.has_residue else None,
        rule_state=design.rule(params.synapse.learning_rate).init(learns),
    )


def those_that_learn(design: Design, chip: Chip) -> Chip:
    """Returns the chip without the cells of frozen arrays."""
    if not design.frozen:
        return chip
    own = lambda tree: None if tree is None else learning(design, tree)
    slow = chip.slow
    if slow is not None:
        slow = slow.replace(cells=own(slow.cells), traits=own(slow.traits), sign=own(slow.sign))
    traits = chip.traits.replace(device=own(chip.traits.device))
    return chip.replace(cells=own(chip.cells), slow=slow, traits=traits)


def whole_again(design: Design, after: Chip, before: Chip) -> Chip:
    """Returns the chip with the cells of frozen arrays, which are as they were."""
    if not design.frozen:
        return after
    slow = after.slow
    if slow is not None and before.slow is not None:
        sign = slow.sign
        if sign is not None:
            sign = beside_frozen(design, sign, before.slow.sign)
        cells = beside_frozen(design, slow.cells, before.slow.cells)
        slow = slow.replace(cells=cells, traits=before.slow.traits, sign=sign)
    cells = beside_frozen(design, after.cells, before.cells)
    return after.replace(cells=cells, slow=slow, traits=before.traits)
