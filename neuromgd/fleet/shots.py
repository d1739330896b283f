"""How long the estimate of a single kick is, where neurons are kicked or kicks have gates.

A kick ξ of independent signs is worth ΔC = Σ ξ_u·h_u of all that is kicked, weights and neurons.
With D = Σ Δ_u²·h_u² of one presentation, a weight array keeps ΔC·ξ/Δ_a², a power of n_a·D/Δ_a² with
n_a of its weights open, and an array that kicks its neurons

    (D/Δ_a²)·Σ_ip ‖x_p‖² + 2·(‖∇_a C‖² − Σ_ip h_ip²·‖x_p‖²)

over its neurons i that are open and the positions p at which it is used, with x_p on its rows. An
array that learns by errors has ‖∇_a C‖² of the presentation.
"""

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.frozen import learning, put
from neuromgd.chip.machine import Machine
from neuromgd.chip.modes.gates import masks, weight_gates
from neuromgd.chip.modes.node_kick import Behind, ByNumber, sized
from neuromgd.chip.modes.node_passes import costs_and_rows
from neuromgd.data.sample import Sample
from neuromgd.network.forward import Rows
from neuromgd.network.nodes import Nodes, nodes
from neuromgd.network.taps import Port
from neuromgd.randomness import Stream
from neuromgd.synapse.codes import CODES
from neuromgd.typing import Arrays


def needs_shots(machine: Machine, theta: Arrays) -> bool:
    """Tells whether something else is kicked than all weights that learn."""
    kicked = machine.design.mode.kicked(machine, theta)
    is_plain = jax.tree.structure(kicked) == jax.tree.structure(theta)
    return not is_plain or machine.design.gate != "none"


def has_shots(machine: Machine, theta: Arrays) -> bool:
    """Tells whether ``shot`` knows the power: of independent signs, each for one presentation."""
    design, tau = machine.design, machine.tau
    is_alone = tau.perturbation <= tau.sample and (
        design.broadcast == "perturbation" or tau.perturbation == 1
    )
    spread = any(len(one.shape) > 1 for one in _behind(machine, theta))
    codes = ("rademacher",) if spread else ("rademacher", "product")
    is_known = any(design.code is CODES[name] for name in codes)
    return is_known and is_alone and not design.mode.is_continuous


def shot(machine: Machine, chip: Chip, sample: Sample) -> Arrays:
    """Returns the mean ‖Ĝ‖² of a kick in one presentation, of all weights of a kind [cost²/w.u.²].

    Args:
        machine: What is built, without noise.
        chip: As it is between two windows.
        sample: One sample, (1, …) each.
    """
    design, theta = machine.design, weights(chip)
    learns = learning(design, theta)
    those, sizes = _behind(machine, learns), _sizes(machine, learns)

    gates = weight_gates(machine, those)
    gated = {gate.array.path for gate in gates}

    def none(module: nn.Module, x: Array) -> Array | None:
        """Returns the kick of an array with a gate, which tells who is open and moves nothing."""
        return jnp.zeros((), jnp.float32) if module.path in gated else None

    def cost(theta: Arrays, shifts: ByNumber) -> tuple[Array, Rows]:
        n = jnp.zeros((1,), jnp.int32)
        costs, rows = costs_and_rows(
            machine, those, chip, theta, shifts, sample, Stream.READ, n, none
        )
        return costs[0], rows

    shifts = {one.number: jnp.zeros((1, *one.shape), jnp.float32) for one in those}
    (slope, along), rows = jax.grad(cost, argnums=(0, 1), has_aux=True)(theta, shifts)
    square = jax.tree.map(lambda one: jnp.sum(jnp.square(one)), learning(design, slope))
    by_error = [one for one in nodes(design.network) if one.path in design.mode.by_error]
    made = _made(those, by_error, sizes, square, along)
    open_ones = jax.tree.map(lambda one: jnp.float32(one.size), learns)
    for gate in gates:
        mask = masks(machine, those, theta, rows)[gate.array.number]
        open_ones = put(open_ones, gate.array.path, jax.tree.map(jnp.sum, mask))
    for one in those:
        open_ones = put(open_ones, one.path, _driven(machine, one, theta, rows))
    power = jax.tree.map(lambda count, size: made * count / size**2, open_ones, sizes)
    for one in those:
        alone = _driven(machine, one, theta, rows, along[one.number])
        more = jax.tree.map(
            lambda whole, own, apart: whole + 2 * (own - apart),
            one.of(power),
            one.of(square),
            alone,
        )
        power = put(power, one.path, more)
    for one in by_error:
        power = put(power, one.path, one.of(square))
    return power


def _behind(machine: Machine, theta: Arrays) -> Behind:
    """Returns the arrays that kick their neurons: these stand in the place of their module."""
    kicked = machine.design.mode.kicked(machine, theta)
    every = () if machine.design.network.inputs is None else nodes(machine.design.network)
    return tuple(
        one
        for one in every
        if one.path not in machine.design.frozen and not isinstance(one.of(kicked), dict)
    )


def _sizes(machine: Machine, theta: Arrays) -> Arrays:
    """Returns arrays of () amplitudes over Δθ."""
    synapse = machine.params.synapse
    sizes = synapse.amplitude_ratios
    if sizes is None:
        sizes = jax.tree.map(lambda _: jnp.ones((), jnp.float32), theta)
    sizes = learning(machine.design, sizes)
    return sized(machine, _behind(machine, theta), sizes)


def _made(
    those: Behind, by_error: list[Nodes], sizes: Arrays, square: Arrays, along: ByNumber
) -> Array:
    """Returns D/Δθ² of one presentation [cost²/w.u.²]."""
    neurons = [
        jax.tree.leaves(one.of(sizes))[0] ** 2 * jnp.sum(jnp.square(along[one.number]))
        for one in those
    ]
    for one in (*those, *by_error):
        square, sizes = put(square, one.path, {}), put(sizes, one.path, {})
    kicked = jax.tree.map(lambda own, size: size**2 * own, square, sizes)
    return sum(jax.tree.leaves(kicked) + neurons, jnp.zeros((), jnp.float32))


def _driven(
    machine: Machine, one: Nodes, theta: Arrays, rows: Rows, along: Array | None = None
) -> dict[str, Array]:
    """Returns Σ h_ip²·‖x_p‖² over neurons and positions; without h over those that are open."""
    x, is_open = rows[Port.ROWS, one.number], rows.get((Port.COLUMNS, one.number))
    if is_open is None:
        is_open = jnp.ones((1, *one.shape), jnp.float32)
    each = is_open if along is None else jnp.square(along)
    # Arrays are linear: squares of what drives them come to every place as it does itself.
    traces = one.traces(theta, jnp.square(x), each)
    scale = machine.design.network.weight_scale
    return jax.tree.map(lambda own: scale**2 * jnp.sum(own), traces)
