"""What is kicked where some arrays kick their neurons: those, and the weights of the other arrays.

All of it is one pytree, shaped as the weights, in which an array that kicks its neurons is one
leaf: its neurons. So one code tells all of them apart, and with no such array nothing differs from
weight perturbation.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from neuromgd.chip.chip import Chip
from neuromgd.chip.frozen import learning, put
from neuromgd.chip.machine import Machine
from neuromgd.errors import InputError
from neuromgd.network.forward import Rows
from neuromgd.network.network import Network
from neuromgd.network.nodes import Nodes, nodes
from neuromgd.network.survey import survey
from neuromgd.network.taps import Port
from neuromgd.synapse.perturb import perturb, remembered
from neuromgd.typing import Arrays

# The neurons of every array that kicks them.
Behind = tuple[Nodes, ...]

# Number of an array that kicks its neurons -> what belongs to it.
ByNumber = dict[int, Any]


@lru_cache(maxsize=64)
def behind(network: Network, words: tuple[str, ...] | None) -> Behind:
    """Returns the neurons that are kicked.

    Args:
        network: Forward pass.
        words: ``node``, ``weight`` or ``frozen`` for every array, in the order of first calls;
            None: all node; (): all weight.

    Raises:
        InputError: If the neurons behind an array cannot teach its synapses, or there are other
            words than arrays.
    """
    if network.inputs is None:
        raise InputError("network: to kick neurons, it has to tell the shape of its inputs")
    every = nodes(network)
    if words == ():
        return ()
    if words is not None and len(words) != len(every):
        named = ", ".join(one.name for one in every)
        raise InputError(
            f"option learning.mode: gives {len(words)} words, the network has {len(every)} arrays:"
            f" {named}"
        )
    told = words or ("node",) * len(every)
    kicked = tuple(one for one, word in zip(every, told, strict=True) if word == "node")
    for one in kicked:
        if one.unfit is not None:
            raise InputError(
                f"option learning.mode: the array {one.name} {one.unfit}; its neurons cannot be"
                " kicked, kick its weights (wp)"
            )
    loose = survey(network, network.inputs, network.dtype).loose
    if words is None and loose:
        raise InputError(
            f"option learning.mode = 'node': no neuron stands behind the weights {loose[0]}, which"
            " lie in no array; give a word for every array, and such weights are kicked themselves"
        )
    return kicked


def replaced(tree: Arrays, those: Behind, value: Callable[[Nodes], Any]) -> Any:
    """Returns a pytree with other values in the places of some arrays."""
    for one in those:
        tree = put(tree, one.path, value(one))
    return tree


def others(tree: Arrays, those: Behind) -> Arrays:
    """Returns a pytree without some arrays."""
    return replaced(tree, those, lambda one: {})


def kicked(those: Behind, theta: Arrays) -> Arrays:
    """Returns the shapes of all that is kicked: neurons, at every position, and other weights."""
    return replaced(theta, those, lambda one: jax.ShapeDtypeStruct(one.shape, jnp.float32))


def kickers(those: Behind, theta: Arrays) -> Arrays:
    """Returns the shapes of the circuits that kick: one a column, at all its positions."""

    def columns(one: Nodes) -> jax.ShapeDtypeStruct:
        shape = (1,) * (len(one.shape) - 1) + one.shape[-1:]
        return jax.ShapeDtypeStruct(shape, jnp.float32)

    return replaced(theta, those, columns)


def drawn(machine: Machine, those: Behind, chip: Chip, theta: Arrays, slot: Int[Array, ""]) -> Any:
    """Returns the kicks of a slot, all of the amplitude of weights."""
    code, params = machine.design.code, machine.params.synapse
    kicks = kicked(those, learning(machine.design, theta))
    return perturb(code, params, kicks, chip.key, slot)


def sized(machine: Machine, those: Behind, kicks: Arrays, power: int = 1) -> Any:
    """Returns kicks with those of neurons at their own amplitude, Δ_node/Δθ times as large.

    Args:
        machine: Gives the amplitudes.
        those: Neurons that are kicked.
        kicks: Pytree with what is kicked, or with what the synapses keep of it.
        power: 1; or −1, by which a product with ΔC/Δθ² becomes one with ΔC/Δ_node².
    """
    synapse = machine.params.synapse
    if synapse.node_amplitude is None:
        return kicks
    ratio = (synapse.node_amplitude / synapse.amplitude) ** power
    larger = lambda one: jax.tree.map(lambda leaf: ratio * leaf, one.of(kicks))
    return replaced(kicks, those, larger)


def seen(machine: Machine, those: Behind, theta: Arrays, kicks: ByNumber, rows: Rows) -> ByNumber:
    """Returns Σ ξ_j·x_i over samples and positions, for every synapse of the arrays.

    Args:
        machine: What is built.
        those: Neurons that are kicked.
        theta: Arrays of weights.
        kicks: (samples, …) their kicks.
        rows: (samples, …) what drove every array.
    """
    scale = machine.design.network.weight_scale

    def of_array(one: Nodes) -> dict[str, Array]:
        kick, is_on = kicks[one.number], rows.get((Port.COLUMNS, one.number))
        if is_on is not None:
            kick = is_on * kick
        traces = one.traces(theta, rows[Port.ROWS, one.number], kick)
        return traces if scale == 1 else jax.tree.map(lambda leaf: scale * leaf, traces)

    return {one.number: of_array(one) for one in those}


def kept(
    machine: Machine,
    those: Behind,
    chip: Chip,
    kicks: Arrays,
    traces: ByNumber,
    open_to: ByNumber,
    slot: Int[Array, ""],
    number: Int[Array, ""],
) -> Arrays:
    """Returns what the synapses remember, as products with ΔC/Δθ² need it [w.u.].

    Args:
        machine: What is built, and how good the learning circuits are.
        those: Neurons that are kicked.
        chip: Gives the key.
        kicks: What was kicked, from ``drawn``.
        traces: Of the arrays that kick their neurons, from ``seen``.
        open_to: Of the arrays whose weights have gates, which of them were open.
        slot: Number of the perturbation.
        number: Of what the synapses saw: that of the perturbation, or of the timestep where every
            one of them has its ΔC.
    """
    params = machine.params.synapse
    held = replaced(kicks, those, lambda one: traces[one.number])
    gated = tuple(one for one in nodes(machine.design.network) if one.number in open_to)
    held = replaced(
        held, gated, lambda one: jax.tree.map(jnp.multiply, one.of(held), open_to[one.number])
    )
    stored = remembered(params, held, chip.key, slot)
    if machine.design.broadcast == "timestep" and not params.has_faithful_storage:
        # What a synapse saw is stored anew at every timestep.
        anew = remembered(params, held, chip.key, number)
        stored = replaced(stored, those + gated, lambda one: one.of(anew))
    return sized(machine, those, stored, -1)
