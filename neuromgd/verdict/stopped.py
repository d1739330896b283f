"""Chips whose numbers cannot be gone on with: marked with window, array and likely cause."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import numpy as np

from neuromgd.chip.guard import COARSE, EVERY, OF_RESIDUE, PINNED, heaviest, is_looked_at
from neuromgd.chip.record import Record
from neuromgd.data.dataset import Dataset
from neuromgd.fleet.engine import Chips, Engine
from neuromgd.fleet.processes import to_host

# A chip whose cost, or largest weight, has grown by this factor learns nothing any more, finite as
# it may be.
RUNAWAY = 1e3

# Looks in a row after which what may happen once in a while is how it is: weights that have run
# away while the cost is none the better, and accumulators that hold nothing between their ends.
PATIENCE = 8
# Of the first cost: what learns is below that after a while.
WORSE = 0.5

_RATE = "learning rate too large (--eta)"
_START = "the data, the first weights or their scale (--network.weight-scale), not the rate"
_DATA = "the data, which hold values that are no finite numbers, not the rate"
_METER = "the cost meter (gain, offset, noise and range of bus), not the rate"
_WRITE = "the writes (learning rate, rule, or steps and window of the cell)"
_RANGE = "{0}_range is too small for what comes in, or the leak too slow"
_BITS = "the codes of {0}_bits over {0}_range are coarser than what comes in"
_ACCUMULATORS = {
    PINNED: ("every sum of products is at full scale", _RANGE, "synapse.accumulator"),
    COARSE: ("every sum of products is zero", _BITS, "synapse.accumulator"),
    OF_RESIDUE + PINNED: ("every residue is at full scale", _RANGE, "synapse.residue"),
    OF_RESIDUE + COARSE: ("every residue is zero", _BITS, "synapse.residue"),
}

_heaviest = jax.jit(jax.vmap(heaviest))


class Stopped(NamedTuple):
    """A chip that learns no more; what it does from here on is told of nowhere.

    Attributes:
        chip: Its number.
        window: In which it was seen.
        what: Which number, of which array.
        cause: What is likely behind it.
        quantity: Which number it is: ``C``, ``ΔC``, ``θ`` or ``accumulator``.
    """

    chip: int
    window: int
    what: str
    cause: str
    quantity: str = ""

    def told(self) -> str:
        """Returns a sentence."""
        return (
            f"chip {self.chip} is stopped: {self.what} in window {self.window};"
            f" likely cause: {self.cause}"
        )


class Limits(NamedTuple):
    """What chips that learn stay below, and how long some have not.

    Attributes:
        cost: Of a chip that may still learn [cost].
        weight: Largest |θ| of one whose cost is none the better for it [w.u.].
        heavy: (chips,) looks in a row that saw a weight beyond that.
        worse: (chips,) those of them in windows with more than half of the first cost.
        ended: (chips,) looks in a row that saw all accumulators at their ends.
    """

    cost: float
    weight: float
    heavy: np.ndarray
    worse: np.ndarray
    ended: np.ndarray

    def and_then(self, record: Record, first: int) -> tuple["Limits", np.ndarray, np.ndarray]:
        """Returns them after more windows, and where weights and accumulators are beyond them."""
        cost, delta = np.asarray(record.cost), np.asarray(record.delta_cost)
        is_heavy, is_full = np.zeros(cost.shape, bool), np.zeros(cost.shape, bool)
        at = np.flatnonzero(is_looked_at(np.arange(first, first + len(cost))))
        if not len(at):
            return self, is_heavy, is_full
        # A meter that hears no change tells nothing of what adds it up.
        filled = (_noted(record.filling, cost)[at] > 0) & (delta[at] > 0)
        beyond = _noted(record.weight, cost)[at] > self.weight
        full, _ = _in_a_row(filled, filled, self.ended, self.ended)
        heavy, worse = _in_a_row(
            beyond, cost[at] >= WORSE * self.cost / RUNAWAY, self.heavy, self.worse
        )
        is_heavy[at] = (heavy >= PATIENCE) & (2 * worse >= heavy)
        is_full[at] = full >= PATIENCE
        return self._replace(heavy=heavy[-1], worse=worse[-1], ended=full[-1]), is_heavy, is_full


def first_limits(engine: Engine, chips: Chips) -> Limits:
    """Returns the limits of chips before their first window; their costs nobody knows yet."""
    largest, _ = _heaviest(engine.weights(chips))
    weight = float(np.max(to_host(largest)[: engine.members]))
    none = np.zeros(engine.members, np.int64)
    return Limits(np.inf, RUNAWAY * weight if weight > 0 else np.inf, none, none, none)


def newly_stopped(
    engine: Engine,
    data: Dataset,
    chips: Chips,
    record: Record,
    first: int,
    limits: Limits,
    known: tuple[Stopped, ...],
) -> tuple[Limits, tuple[Stopped, ...]]:
    """Returns the limits after some windows, and the chips that have to stop in them, in order.

    Args:
        engine: What advances them.
        data: That they are shown.
        chips: After the windows of the record.
        record: (windows, chips) of the piece.
        first: Number of its first window.
        limits: Before it.
        known: Chips that are stopped already.
    """
    if record.weight is None:
        largest, array = (
            to_host(one)[: engine.members] for one in _heaviest(engine.weights(chips))
        )
        there = np.asarray(record.cost).shape
        record = record.replace(
            weight=np.broadcast_to(largest, there), array=np.broadcast_to(array, there)
        )
    after, is_heavy, is_full = limits.and_then(record, first)
    cost, delta, weight = (
        np.asarray(one) for one in (record.cost, record.delta_cost, record.weight)
    )
    is_unsound = ~np.isfinite(cost) | ~np.isfinite(delta) | ~np.isfinite(weight)
    is_unsound |= is_heavy | is_full | (cost > limits.cost)
    done, found = {one.chip for one in known}, []
    for chip in np.flatnonzero(is_unsound.any(axis=0)).tolist():
        if chip not in done:
            place = int(np.argmax(is_unsound[:, chip]))
            of_chip = jax.tree.map(lambda one, at=(place, chip): np.asarray(one)[at], record)
            name = lambda one=of_chip: _names(engine, chips)[int(one.array)]
            told = _seen(of_chip, first + place, limits, bool(is_heavy[place, chip]), data, name)
            found.append(Stopped(chip, first + place, *told))
    return after, tuple(found)


def _seen(
    record: Record,
    window: int,
    limits: Limits,
    is_heavy: bool,
    data: Dataset,
    name: Callable[[], str],
) -> tuple[str, str, str]:
    """Returns what is wrong in a window of a chip, its cause, and the quantity.

    ``name`` gives the array that the heaviest weight is in.
    """
    if not np.isfinite(record.cost):
        cause = _START if window == 0 else _RATE
        return "the cost C is not finite", cause if _is_sound(data) else _DATA, "C"
    if not np.isfinite(record.delta_cost):
        return "the cost change ΔC is not finite", _METER, "ΔC"
    if not np.isfinite(np.asarray(record.weight)):
        return f"the weights θ of {name()} are not finite", _WRITE, "θ"
    if record.cost > limits.cost:
        return f"the cost C is {record.cost:.3g}, beyond {limits.cost:.3g}", _RATE, "C"
    if is_heavy:
        is_heard = record.delta_cost > limits.cost / RUNAWAY
        what = f"a weight θ of {name()} is {record.weight:.3g}, beyond {limits.weight:.3g},"
        return f"{what} and the cost none the better", _METER if is_heard else _RATE, "θ"
    what, cause, circuit = _ACCUMULATORS[int(np.asarray(record.filling))]
    looked = f"{what} for {PATIENCE * EVERY} windows, of all arrays,"
    return looked, cause.format(circuit), "accumulator"


def _is_sound(data: Dataset) -> bool:
    """Tells whether all values of a training set are finite."""
    every = (data.train_x, data.train_y)
    return all(one.dtype.kind not in "fc" or bool(np.isfinite(one).all()) for one in every)


def _names(engine: Engine, chips: Chips) -> list[str]:
    leaves, _ = jax.tree_util.tree_flatten_with_path(engine.weights(chips))
    return [jax.tree_util.keystr(path) for path, _ in leaves]


def _noted(leaf, like: np.ndarray) -> np.ndarray:
    return np.zeros_like(like) if leaf is None else np.asarray(leaf)


def _in_a_row(
    flags: np.ndarray, marks: np.ndarray, before: np.ndarray, marked: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (windows, chips) how many flags in a row end there, and how many of them are marked.

    Args:
        flags: (windows, chips).
        marks: (windows, chips).
        before: (chips,) flags in a row that end before the first window.
        marked: (chips,) those of them that are marked.
    """
    at = np.arange(1, len(flags) + 1)[:, None]
    last = np.maximum.accumulate(np.where(flags, 0, at), axis=0)
    total = np.concatenate([np.zeros_like(before)[None], np.cumsum(marks, axis=0)])
    since = total[1:] - np.take_along_axis(total, last, axis=0)
    is_whole = last == 0
    return np.where(is_whole, before + at, at - last), since + is_whole * marked
