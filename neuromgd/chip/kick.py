"""The kick of a perturbation: what it makes of the weights, and what it leaves of the cells."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.frozen import beside_frozen, learning, still
from neuromgd.chip.machine import Machine
from neuromgd.chip.technologies import technologies, write_keys
from neuromgd.chip.tiles import tiled
from neuromgd.chip.waiting import cells_at
from neuromgd.device.cell import read
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.threshold import at_once
from neuromgd.device.write import write
from neuromgd.network.forward import Product
from neuromgd.randomness import Stream, stream
from neuromgd.synapse.perturb import applied, perturb, remembered
from neuromgd.typing import Arrays

# Of the kick and of the opposite one.
_SIGNS = (1.0, -1.0)


class Kick(NamedTuple):
    """One perturbation as the chip carries it out.

    Attributes:
        drawn: Arrays of perturbations θ̃ as the synapses drew them [w.u.].
        added: Arrays of what it is meant to add to the weights [w.u.]; half the way from minus to
            plus, for two-sided passes.
        plus: Arrays of weights under it [w.u.].
        minus: Arrays of weights under the opposite one [w.u.].
        cells: The cells after it.
        plus_product: What computes the arrays under it; None: they do, with ``plus``.
        minus_product: The same under the opposite one.
        plus_cells: The cells under it, where they are others than those of the chip, and wires or
            a second pass see that.
        minus_cells: The same under the opposite one.
    """

    drawn: Arrays
    added: Arrays
    plus: Arrays
    minus: Arrays
    cells: Arrays
    plus_product: Product | None = None
    minus_product: Product | None = None
    plus_cells: Arrays | None = None
    minus_cells: Arrays | None = None


def kicked(machine: Machine, chip: Chip, slot: Int[Array, ""]) -> Kick:
    """Kicks all synapses at once, in one perturbation slot."""
    design, params, theta = machine.design, machine.params, weights(chip)
    drawn = perturb(design.code, params.synapse, learning(design, theta), chip.key, slot)
    added = applied(chip.traits.synapse, drawn)
    if design.perturbation_element == "cell":
        return _written(machine, chip, drawn, added, slot)
    against = applied(chip.traits.synapse, jax.tree.map(jnp.negative, drawn))
    found = [chip.replace(cells=cells_at(machine, chip.cells, sign)) for sign in _SIGNS]
    plus, minus = (
        jax.tree.map(jnp.add, weights(own), still(design, kick, theta))
        for own, kick in zip(found, (added, against), strict=True)
    )
    if design.reference.side != 0:
        added = jax.tree.map(lambda up, down: (up - down) / 2, added, against)
    products = (tiled(machine, own, slot, sign) for own, sign in zip(found, _SIGNS, strict=True))
    cells = (None if own.cells is chip.cells else own.cells for own in found)
    added = still(design, added, theta)
    return Kick(drawn, added, plus, minus, chip.cells, *products, *cells)


def _written(
    machine: Machine, chip: Chip, drawn: Arrays, added: Arrays, slot: Int[Array, ""]
) -> Kick:
    """Writes the kick to the cells themselves, and back: each write is one more, and none exact."""
    design, key = machine.design, stream(chip.key, Stream.KICK, slot)
    learns = learning(design, chip.cells)
    kinds = technologies(machine, learns)

    def rewritten(cells: Arrays, times: float, number: int) -> Arrays:
        after = over_arrays(
            # A kick is no request: it is written however small it is.
            lambda cell, change, own, kind, keys: write(
                kind.law, design.pulse_rounding, at_once(kind.params), cell, times * change, *keys,
                traits=own,
            ),
            learning(design, cells), added, learning(design, chip.traits.device), kinds,
            write_keys(key, number, kinds, added),
        )  # fmt: skip
        return beside_frozen(design, after, cells)

    plus = rewritten(chip.cells, 1.0, 0)
    if design.reference.side == 0:
        back = rewritten(plus, -1.0, 1)
        return _seen(machine, drawn, added, plus, back, back)
    minus = rewritten(plus, -2.0, 1)
    return _seen(machine, drawn, added, plus, minus, rewritten(minus, 1.0, 2))


def _seen(
    machine: Machine, drawn: Arrays, added: Arrays, plus: Arrays, minus: Arrays, back: Arrays
) -> Kick:
    plus, minus = cells_at(machine, plus, 1.0), cells_at(machine, minus, -1.0)
    seen = over_arrays(read, plus)
    added = still(machine.design, added, seen)
    kick = Kick(drawn, added, seen, over_arrays(read, minus), back)
    if machine.params.network.wire_drop is None:
        return kick
    return kick._replace(plus_cells=plus, minus_cells=minus)


def recalled(machine: Machine, chip: Chip, n: Int[Array, ""]) -> Arrays:
    """Returns the perturbation that the synapses hold against what they hear at timestep n [w.u.].

    That is the one that the ΔC belongs to, if they remember as many; else the oldest they have.
    """
    design, params, tau = machine.design, machine.params, machine.tau
    slot = n // tau.perturbation
    lag = slot - (n - design.delay) // tau.perturbation
    if design.stored_perturbations is not None:
        lag = jnp.minimum(lag, design.stored_perturbations - 1)
    arrays = learning(design, weights(chip))
    drawn = perturb(design.code, params.synapse, arrays, chip.key, slot - lag)
    return remembered(params.synapse, drawn, chip.key, slot - lag)
