"""The transfer: what the fast cells hold is read, and written to the slow cells beside them.

Let a fast cell hold f and count with the sign s. Its slow cell is asked for share·g·s·f, in whole
pulses or levels of nominal size, and what went there is taken from the fast one:

    f ← (g·s·f − a)/(g·s'),   a = what was asked for, or verified: what arrived.

The rest waits in the fast cell. With inversion s' = −s, so that what a fast cell gathers by itself
in one turn is taken off again in the next. A fast cell that keeps what it holds is not written;
there a slow cell is asked for all of it again and again (g = 0: g·s·f stands for s·f).

References:
    Ambrogio et al., Nature 558, 60 (2018): two pairs of cells, transfer and polarity inversion.
    Gokmen and Haensch, Front. Neurosci. 14, 103 (2020): an auxiliary array that keeps.
    Rasch et al., Nat. Commun. 15, 7133 (2024): chopping.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from neuromgd.chip.chip import Chip, those_that_learn, whole_again
from neuromgd.chip.machine import Machine
from neuromgd.chip.technologies import technologies, write_keys
from neuromgd.chip.two_cells import Slow, Transfer, TransferParams, signed, worth
from neuromgd.device.cell import CellState, read
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.params import DeviceParams
from neuromgd.device.read_noise import read_deviation
from neuromgd.device.technology import Technology, alike
from neuromgd.device.threshold import at_once, least_request, weight_step
from neuromgd.device.traits import Traits
from neuromgd.device.write import write
from neuromgd.randomness import Stream, each, normal, stream
from neuromgd.synapse.due import is_in_turn
from neuromgd.synapse.residue import asked
from neuromgd.typing import Arrays


def transferred(machine: Machine, chip: Chip, window: Int[Array, ""]) -> Chip:
    """Returns the chip after the end of a window: its fast cells are read out if that is due."""
    design, params = machine.design.transfer, machine.params.transfer
    if design is None or params is None or chip.slow is None:
        return chip
    number = window // design.every

    def event(one: Chip) -> Chip:
        learns = those_that_learn(machine.design, one)
        after = _at_once(machine, design, params, learns, number)
        return whole_again(machine.design, after, one)

    if design.every == 1:
        return event(chip)
    is_last = (window + 1) % design.every == 0
    return jax.lax.cond(is_last, event, lambda unchanged: unchanged, chip)


def _at_once(
    machine: Machine, design: Transfer, params: TransferParams, chip: Chip, number: Int[Array, ""]
) -> Chip:
    """Transfers the rows whose turn it is."""
    before = chip.slow
    assert before is not None
    fast = _readings(machine, chip, number)
    turn = jax.tree.map(
        lambda one: (
            jnp.ones(one.shape, bool)
            if design.rows is None
            else is_in_turn(one, design.rows, number)
        ),
        fast,
    )
    held = jax.tree.map(lambda one: worth(before) * one, signed(fast, before))
    ask = lambda cell, one, due: jnp.where(due, _asked(design, params, cell, one), 0)
    request = over_arrays(ask, before.cells, held, turn)
    rounding, ready = machine.design.pulse_rounding, lambda device: device
    if not design.keeps:
        # Whole pulses are asked for, from the threshold on.
        rounding, ready = "nearest", at_once
    kinds = alike(Technology(design.law, params.device, design.is_pair), before.cells)
    slow_key = stream(chip.key, Stream.SLOW)
    cells = _written(rounding, ready, kinds, before.cells, request, before.traits, slow_key, number)
    slow = before.replace(cells=cells)
    if slow.sign is not None:
        turned = lambda sign, due: jnp.where(due, -sign, sign)
        slow = slow.replace(sign=jax.tree.map(turned, slow.sign, turn))
    chip = chip.replace(slow=slow)
    if design.keeps:
        return chip
    arrived = request
    if design.is_verified:
        each_cell = lambda after, earlier: read(after) - read(earlier)
        arrived = over_arrays(each_cell, cells, before.cells)
    rest = jax.tree.map(lambda one, gone: (one - gone) / worth(slow), held, arrived)
    return _left(machine, chip, fast, signed(rest, slow), turn, number)


def _readings(machine: Machine, chip: Chip, number: Int[Array, ""]) -> Arrays:
    """Returns what is read of the fast cells, with the noise of a reading [w.u.]."""
    keys = each(chip.key, Stream.TRANSFER_READ, number, over_arrays(read, chip.cells))

    def one(
        cell: CellState, own: Traits, kind: Technology, key: Key[Array, ""]
    ) -> Float[Array, "*array"]:
        seen, deviation = read(cell), read_deviation(kind.params, own, cell)
        return seen if deviation is None else seen + deviation * normal(key, seen.shape)

    kinds = technologies(machine, chip.cells)
    return over_arrays(one, chip.cells, chip.traits.device, kinds, keys)


def _asked(
    design: Transfer, params: TransferParams, cell: CellState, held: Float[Array, "*array"]
) -> Float[Array, "*array"]:
    """Returns what is asked of slow cells [w.u.]; where fast cells keep, it is not rounded here."""
    device, wanted = params.device, params.share * held
    if design.keeps:
        return wanted
    step = weight_step(design.law, device, design.is_pair)
    least = least_request(design.law, device, cell, cell.weight)
    return asked(wanted, step, least, device.pulses_per_write_max)


def _left(
    machine: Machine, chip: Chip, held: Arrays, wanted: Arrays, turn: Arrays, number: Int[Array, ""]
) -> Chip:
    """Returns the chip whose fast cells were asked for what is left of them."""
    kinds = technologies(machine, chip.cells)
    change = jax.tree.map(lambda to, now, due: jnp.where(due, to - now, 0), wanted, held, turn)
    cells = _written(
        machine.design.pulse_rounding, at_once, kinds, chip.cells, change, chip.traits.device,
        stream(chip.key, Stream.CLEAR), number,
    )  # fmt: skip
    return chip.replace(cells=cells)


def _written(
    rounding: str,
    ready: Callable[[DeviceParams], DeviceParams],
    kinds: Arrays,
    cells: Arrays,
    request: Arrays,
    traits: Arrays,
    key: Key[Array, ""],
    number: Int[Array, ""],
) -> Arrays:
    return over_arrays(
        lambda cell, change, own, kind, keys: write(
            kind.law, rounding, ready(kind.params), cell, change, *keys, traits=own
        ),
        cells,
        request,
        traits,
        kinds,
        write_keys(key, number, kinds, request),
    )


def of_fast(chip: Chip, request: Arrays) -> Arrays:
    """Returns what changes of a weight ask of the fast cells, but for their sign [w.u.]."""
    slow: Slow | None = chip.slow
    if slow is None:
        return request
    return jax.tree.map(lambda one: one / worth(slow), request)
