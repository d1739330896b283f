"""Gates of weights: a synapse is kicked and learns only where its input and its neuron are active.

A synapse whose input is 0, or whose rectifier is off, moves no cost in this presentation: what it
would keep is noise. A bit on its row (``pre``: the input is not 0) and one on its column (``post``:
the current of the neuron is above 0 before the kick is switched on) take it out; the estimate stays
unbiased, and is exactly 0 where the slope is.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from neuromgd.chip.frozen import put
from neuromgd.chip.machine import Machine
from neuromgd.chip.modes.node_kick import Behind, ByNumber
from neuromgd.errors import InputError
from neuromgd.network.forward import Rows
from neuromgd.network.nodes import Nodes, nodes
from neuromgd.network.taps import Port
from neuromgd.typing import Arrays, Factors


class WeightGate(NamedTuple):
    """The gate of one array that kicks its weights.

    Attributes:
        array: It, used at one position.
        is_by_row: Whether a synapse without input is left out.
        layer: Of the rectifiers whose state counts; None: it is kicked whatever they do.
    """

    array: Nodes
    is_by_row: bool
    layer: int | None


def weight_gates(machine: Machine, those: Behind) -> tuple[WeightGate, ...]:
    """Returns the gates of the arrays that kick their weights; of one at many positions none."""
    words = str(machine.design.gate).split(",")
    if words == ["none"]:
        return ()
    kick_neurons, frozen = {one.number for one in those}, machine.design.frozen
    every = (
        WeightGate(one, "pre" in words, one.rectified if "post" in words else None)
        for one in nodes(machine.design.network)
        if one.number not in kick_neurons
        and one.unfit is None
        and len(one.shape) == 1
        and one.path not in frozen
    )
    return tuple(one for one in every if one.is_by_row or one.layer is not None)


def masks(machine: Machine, those: Behind, theta: Arrays, rows: Rows) -> ByNumber:
    """Returns 1 for every synapse of a gated array that was open in a pass, 0 for the others.

    Args:
        machine: What is built.
        those: Neurons that are kicked.
        theta: Arrays of weights, for their shapes.
        rows: (1, …) what drove every array, and which neurons were on.
    """

    def open_in(gate: WeightGate) -> dict[str, jax.Array]:
        x, is_on = _sides(gate, rows)
        return gate.array.traces(theta, x, is_on)

    return {gate.array.number: open_in(gate) for gate in weight_gates(machine, those)}


def gated_factors(machine: Machine, those: Behind, factors: Arrays, rows: Rows) -> Arrays:
    """Returns patterns of rows and columns with 0 where a gate was closed.

    Args:
        machine: What is built.
        those: Neurons that are kicked.
        factors: Pytree of ``Factors``, one pattern for each of the rows.
        rows: (patterns, …) what drove every array, and which neurons were on.
    """
    for gate in weight_gates(machine, those):
        x, is_on = _sides(gate, rows)

        def closed(name: str, own: Factors, x=x, is_on=is_on) -> Factors:
            # A bias is driven by 1.
            driven = own.rows if name == "bias" else own.rows * x
            return Factors(driven, own.columns * is_on, driven.T)

        own = {name: closed(name, one) for name, one in gate.array.of(factors).items()}
        factors = put(factors, gate.array.path, own)
    return factors


def refuse_gate(machine: Machine, those: Behind) -> None:
    """Raises InputError where a gate would bias what is learnt, or gates nothing."""
    design, words = machine.design, str(machine.design.gate).split(",")
    gates = weight_gates(machine, those)
    behind = "post" in words and any(one.rectified is not None for one in those)
    told = f"option synapse.gate = '{design.gate}'"
    if "pre" in words and not any(gate.is_by_row for gate in gates):
        raise InputError(
            f"{told}: no array that kicks its weights is used at one position; a synapse of a"
            " neuron that is kicked keeps its input as it is, 0 included"
        )
    if "post" in words and not behind and all(gate.layer is None for gate in gates):
        raise InputError(
            f"{told}: no array that could have a gate gives all it has to rectifiers (relu); others"
            " are never off"
        )
    held = machine.tau.perturbation
    if isinstance(held, int) and held > 1 and design.broadcast != "timestep":
        raise InputError(
            f"{told}: one ΔC for {held} timesteps, in which neurons go on and off; give every"
            " timestep its own (tau_perturbation = 1, or bus.broadcast = 'timestep')"
        )
    if gates and design.perturbation_element == "cell":
        raise InputError(f"{told}: a kick that is written to the cells is there in every pass")
    if any(gate.layer is not None for gate in gates) and not machine.params.network.is_local:
        raise InputError(
            f"{told}: beside array.crosstalk or array.ir_drop a kick reaches other columns, which"
            " the gate of its own does not close; gate by rows alone ('pre')"
        )


def _sides(gate: WeightGate, rows: Rows) -> tuple[jax.Array, jax.Array]:
    """Returns the (samples, …) bits on the rows and on the columns of an array."""
    x = rows[Port.ROWS, gate.array.number]
    bits = jnp.where(x != 0, 1.0, 0.0) if gate.is_by_row else jnp.ones_like(x)
    is_on = rows.get((Port.COLUMNS, gate.array.number))
    if is_on is None or gate.layer is None:
        is_on = jnp.ones((len(x), *gate.array.shape), jnp.float32)
    return bits, is_on
