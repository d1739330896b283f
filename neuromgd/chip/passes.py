"""The forward passes of a timestep: the cost at θ, at θ + θ̃ and, where wanted, at θ − θ̃."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, Num

from neuromgd.chip.centre import centred
from neuromgd.chip.chip import Chip, encodings
from neuromgd.chip.kick import Kick
from neuromgd.chip.machine import Machine
from neuromgd.chip.technologies import every_device, technologies
from neuromgd.chip.tiles import tiled
from neuromgd.chip.two_cells import with_slow
from neuromgd.chip.waiting import pass_time
from neuromgd.data.sample import Sample
from neuromgd.device.cell import CellState, read
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.read_noise import Deviations, read_deviation, read_deviations
from neuromgd.device.technology import Technology, alike
from neuromgd.device.traits import Traits
from neuromgd.network.forward import Extra, Product, Together, forward
from neuromgd.randomness import Stream, stream
from neuromgd.typing import Arrays


class Costs(NamedTuple):
    """What the passes of some readings cost.

    Attributes:
        cost: (samples,) at θ, for the record; at θ ± θ̃ on average for two-sided passes, at θ + θ̃
            where there is no other [cost].
        reference: (samples,) what the meter reads as reference [cost].
        perturbed: (samples,) what it reads under the kick [cost]. With the ``exact`` difference
            both are told relative to the cost at θ, so that no digit is lost.
    """

    cost: Float[Array, " samples"]
    reference: Float[Array, " samples"]
    perturbed: Float[Array, " samples"]


def costs(
    machine: Machine,
    chip: Chip,
    theta: Arrays,
    sample: Sample,
    which: Stream,
    n: Int[Array, " samples"],
    extra: Extra | None = None,
    product: Product | None = None,
) -> Float[Array, " samples"]:
    """Returns the (samples,) cost of each sample under the given weights [cost].

    Args:
        machine: What is built, and how good the technology is.
        chip: Gives the converters and the key of the noise.
        theta: Arrays of weights [w.u.].
        sample: Samples along a leading axis.
        which: ``READ`` for the perturbed pass, ``READ_REFERENCE`` for the other one.
        n: (samples,) timestep of every reading.
        extra: What is added to the output of every array.
        product: What computes every array in place of its module.
    """
    keys = jax.vmap(lambda n: stream(chip.key, which, n))(n)
    outputs = read_out(machine, chip, theta, sample.x, keys, extra, product, n)
    return jax.vmap(machine.design.cost)(outputs, sample.y)


def read_out(
    machine: Machine,
    chip: Chip,
    theta: Arrays,
    x: Num[Array, "samples *input"],
    keys: Key[Array, " samples"],
    extra: Extra | None = None,
    product: Product | None = None,
    n: Int[Array, " samples"] | None = None,
) -> Float[Array, "samples *output"]:
    """Returns the (samples, *output) outputs that the chip gives for (samples, *input).

    Args:
        machine: What is built, and how good the technology is.
        chip: Gives the converters, and the noise of each cell.
        theta: Arrays of weights [w.u.].
        x: (samples, *input).
        keys: (samples,) of what each reading has alone.
        extra: What is added to the output of every array.
        product: What computes every array in place of its module.
        n: (samples,) timesteps of readings that are compared; None: they stand alone.
    """
    params = machine.params
    deviation, together = cell_noise(machine, chip, n)
    return forward(
        machine.design.network,
        params.network,
        centred(chip.traits.converters, chip.centre),
        theta,
        x,
        keys,
        deviation,
        extra,
        product,
        chip.key,
        together,
        encodings(machine, chip),
    )


def cell_noise(
    machine: Machine, chip: Chip, n: Int[Array, " samples"] | None = None
) -> tuple[Arrays | None, Together | None]:
    """Returns what readings of the cells have alone [w.u.], and what they share with others.

    Args:
        machine: How good the cells are.
        chip: The chip that is read.
        n: (samples,) timesteps of readings that are compared; None: they stand alone.

    Returns:
        None for the first: cells are all alike, or exact; None for the second: nothing is shared.
    """
    params = machine.params
    if params.network.weight_scale is None:
        return None, None
    if n is not None and not device_is_white(machine):
        return _compared(machine, chip, n)
    kinds = technologies(machine, chip.cells)
    deviation = deviations(kinds, chip.cells, chip.traits.device)
    design = machine.design.transfer
    if chip.slow is None or params.transfer is None or design is None:
        return deviation, None
    kind = Technology(design.law, params.transfer.device, design.is_pair)
    slow = deviations(alike(kind, chip.slow.cells), chip.slow.cells, chip.slow.traits)
    return with_slow(deviation, slow, chip.slow.gain), None


def deviations(kinds: Arrays, cells: Arrays, traits: Arrays) -> Arrays:
    """Returns arrays of the σ of a reading of every weight [w.u.]; all None: they are exact."""

    def of(cell: CellState, own: Traits, kind: Technology) -> Array | None:
        return read_deviation(kind.params, own, cell)

    found = over_arrays(of, cells, traits, kinds)
    if not jax.tree.leaves(found):
        return found
    # Where the cells of other arrays are noisy, those that are exact have none of it.
    there = over_arrays(read, cells)
    none = lambda weight, one: jnp.zeros_like(weight) if one is None else one
    return jax.tree.map(none, there, found)


def device_is_white(machine: Machine) -> bool:
    """Tells whether no two readings of a cell have noise in common."""
    return all(device.flicker_noise is None for device in every_device(machine))


def _compared(machine: Machine, chip: Chip, n: Int[Array, " samples"]) -> tuple[Arrays, Together]:
    """Returns what readings have alone [w.u.], and what they share with their reference."""
    latest, tau = machine.design.reference.latest, machine.tau
    apart = time_apart(machine)

    def of(cell: CellState, own: Traits, kind: Technology) -> Deviations:
        return read_deviations(kind.params, own, cell, apart)

    kinds = technologies(machine, chip.cells)
    both = over_arrays(of, chip.cells, chip.traits.device, kinds)
    part = lambda name: jax.tree.map(
        lambda one: getattr(one, name), both, is_leaf=lambda one: isinstance(one, Deviations)
    )
    key_of = lambda n: stream(chip.key, Stream.READ_SHARED, n)
    keys = jax.vmap(key_of)(latest(n, tau.sample, tau.update))
    return part("own"), Together(part("shared"), keys)


def time_apart(machine: Machine) -> Float[Array, ""]:
    """Returns the time between a reading of the cost and that it is held against [s].

    Between the two passes of a timestep lies ``pass_time``. A reference that is held for some
    timesteps is that much older, by half of them on average.
    """
    tau, timestep, passes = machine.tau, machine.params.seconds_per_timestep, pass_time(machine)
    if timestep is None:
        return passes
    last = jnp.asarray(tau.sample, jnp.int32) - 1
    held = last - machine.design.reference.latest(last, tau.sample, tau.update)
    return passes + timestep * held.astype(jnp.float32) / 2


def reference_costs(
    machine: Machine, chip: Chip, theta: Arrays, sample: Sample, n: Int[Array, " samples"]
) -> Float[Array, " samples"] | None:
    """Returns the (samples,) costs C0, or None where the design never measures them."""
    design, reference = machine.design, machine.design.reference
    if reference.side != 0 or not reference.is_read or design.cost_difference == "exact":
        return None
    product = tiled(machine, chip)
    return costs(machine, chip, theta, sample, Stream.READ_REFERENCE, n, product=product)


def compare(
    machine: Machine,
    chip: Chip,
    theta: Arrays,
    kick: Kick,
    sample: Sample,
    cost_0: Float[Array, " samples"] | None,
    n: Int[Array, " samples"],
) -> Costs:
    """Runs the passes that a perturbation needs.

    Args:
        machine: What is built, and how good the technology is.
        chip: The chip that is read.
        theta: Arrays of weights [w.u.].
        kick: What the perturbation makes of them.
        sample: Samples along a leading axis.
        cost_0: (samples,) from ``reference_costs``.
        n: (samples,) timestep of every reading.
    """

    def run(weights: Arrays) -> Float[Array, " samples"]:
        return costs(machine, chip, weights, sample, Stream.READ, n)

    def at(sign: float, which: Stream) -> Float[Array, " samples"]:
        weights, product, cells = kick.plus, kick.plus_product, kick.plus_cells
        if sign < 0:
            weights, product, cells = kick.minus, kick.minus_product, kick.minus_cells
        own = chip if cells is None else chip.replace(cells=cells)
        return costs(machine, own, weights, sample, which, n, product=product)

    return compared(machine, cost_0, at, lambda: jax.jvp(run, (theta,), (kick.added,)))


def compared(
    machine: Machine,
    cost_0: Float[Array, " samples"] | None,
    at: Callable[[float, Stream], Float[Array, " samples"]],
    slope: Callable[[], tuple[Float[Array, " samples"], Float[Array, " samples"]]],
) -> Costs:
    """Runs one pass or two, as the reference asks for.

    Args:
        machine: Its design says which.
        cost_0: (samples,) from ``reference_costs``.
        at: (±1, which reading) -> the (samples,) costs under the kick or the opposite one [cost].
        slope: () -> the (samples,) costs at θ, and what the kick adds to them to first order.
    """
    side, is_read = machine.design.reference.side, machine.design.reference.is_read
    if machine.design.cost_difference == "exact":
        cost, added = slope()
        return Costs(cost, side * added, added)
    plus = at(1.0, Stream.READ)
    if cost_0 is not None:
        return Costs(cost_0, cost_0, plus)
    if not is_read:
        return Costs(plus, plus, plus)
    minus = at(-1.0, Stream.READ_REFERENCE)
    return Costs((plus + minus) / 2, minus, plus)


def span(machine: Machine) -> int:
    """Returns how many perturbations apart the two compared costs are: 1, or 2 if two-sided."""
    return 1 - machine.design.reference.side
