"""Means of what was recorded since the last row of the history, in pieces of any length."""

from typing import Any, NamedTuple

import numpy as np

from neuromgd.chip.record import Record

# Windows that are averaged together; their means are averaged in turn, so that a row over 10⁹
# windows takes no memory for them.
BLOCK = 2**16


class Means(NamedTuple):
    """What is known of an unfinished row; the same whatever pieces it came in.

    Attributes:
        cost: (windows, chips) of the block that is not full.
        delta_cost: (windows, chips) mean |ΔC| of those.
        full: Number of full blocks.
        of_cost: (chips,) sum of their mean costs.
        of_delta: Sum of their mean |ΔC|.
        of_deltas: (chips,) the same of every chip.
    """

    cost: np.ndarray
    delta_cost: np.ndarray
    full: int
    of_cost: np.ndarray
    of_delta: float
    of_deltas: np.ndarray

    @property
    def windows(self) -> int:
        """How many windows are in."""
        return self.full * BLOCK + len(self.cost)

    def and_then(self, record: Record) -> "Means":
        """Returns the means with the windows that came after, none of them beyond a block."""
        cost = np.concatenate([self.cost, np.asarray(record.cost)])
        delta = np.concatenate([self.delta_cost, np.asarray(record.delta_cost)])
        if len(cost) < BLOCK:
            return self._replace(cost=cost, delta_cost=delta)
        return Means(
            cost[:0],
            delta[:0],
            self.full + 1,
            self.of_cost + cost.mean(0, dtype=float),
            self.of_delta + float(np.mean(delta)),
            self.of_deltas + delta.mean(0, dtype=float),
        )

    def told(self) -> tuple[np.ndarray, float, np.ndarray]:
        """Returns the (chips,) mean costs, the mean |ΔC| and the (chips,) ones of all windows."""
        if not self.full:
            means = [one.mean(0, dtype=float) for one in (self.cost, self.delta_cost)]
            return means[0], float(np.mean(self.delta_cost)), means[1]
        share = len(self.cost) / BLOCK
        cost, delta, deltas = self.of_cost.copy(), self.of_delta, self.of_deltas.copy()
        if share:
            cost += share * self.cost.mean(0, dtype=float)
            delta += share * float(np.mean(self.delta_cost))
            deltas += share * self.delta_cost.mean(0, dtype=float)
        blocks = self.full + share
        return cost / blocks, delta / blocks, deltas / blocks

    def as_arrays(self) -> dict[str, np.ndarray]:
        """Returns them as arrays, for a file."""
        return {name: np.asarray(value) for name, value in self._asdict().items()}


def none_yet(chips: int) -> Means:
    """Returns the means of no window."""
    nothing = np.zeros((0, chips), np.float32)
    return Means(nothing, nothing, 0, np.zeros(chips), 0.0, np.zeros(chips))


def of_arrays(arrays: dict[str, Any]) -> Means:
    """Returns the means again, from ``as_arrays``."""
    return Means(
        arrays["cost"], arrays["delta_cost"], int(arrays["full"]),
        arrays["of_cost"], float(arrays["of_delta"]), arrays["of_deltas"],
    )  # fmt: skip
