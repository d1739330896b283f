"""Chips whose numbers cannot be gone on with: marked with window, array and likely cause."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool

from neuromgd.chip.record import Record
from neuromgd.fleet.engine import Chips, Engine
from neuromgd.fleet.processes import to_host
from neuromgd.typing import Arrays

_RATE = "learning rate too large (--eta)"
_START = "the data, the first weights or their scale (--network.weight-scale), not the rate"
_METER = "the cost meter (gain, offset, noise and range of bus), not the rate"
_WRITE = "the writes (learning rate, rule, or steps and window of the cell)"


class Stopped(NamedTuple):
    """A chip that learns no more; what it does from here on is told of nowhere.

    Attributes:
        chip: Its number.
        window: In which it was seen; of a weight, the window up to which the host had looked.
        what: Which number.
        cause: What is likely behind it.
    """

    chip: int
    window: int
    what: str
    cause: str

    def told(self) -> str:
        """Returns a sentence."""
        return (
            f"chip {self.chip} is stopped: {self.what} in window {self.window};"
            f" likely cause: {self.cause}"
        )


def newly_stopped(
    engine: Engine,
    chips: Chips,
    record: Record,
    first: int,
    highest: float,
    known: tuple[Stopped, ...],
) -> tuple[Stopped, ...]:
    """Returns the chips that have to stop since the last look, in order.

    What is looked at is what compiled windows write down anyhow, and the weights once a piece.

    Args:
        engine: What advances them.
        chips: After the windows of the record.
        record: (windows, chips) of the piece.
        first: Number of its first window.
        highest: Highest cost of a chip that may still learn.
        known: Chips that are stopped already.
    """
    costs, deltas = np.asarray(record.cost), np.asarray(record.delta_cost)
    done, found = {one.chip for one in known}, []
    sound = {name: to_host(flags) for name, flags in _finite(engine.weights(chips)).items()}
    is_sound = np.all(np.isfinite(costs) & np.isfinite(deltas) & (costs <= highest), axis=0)
    for flags in sound.values():
        is_sound &= flags[: costs.shape[1]]
    for chip in np.flatnonzero(~is_sound).tolist():
        if chip not in done:
            seen = _seen(costs[:, chip], deltas[:, chip], first, highest)
            broken = [name for name, flags in sound.items() if not flags[chip]]
            if seen is None and broken:
                seen = first + len(costs), f"the weights θ of {broken[0]} are not finite", _WRITE
            if seen is not None:
                found.append(Stopped(chip, *seen))
    return tuple(found)


def _seen(
    costs: np.ndarray, deltas: np.ndarray, first: int, highest: float
) -> tuple[int, str, str] | None:
    """Returns window, number and cause of what is wrong first in the record of a chip."""
    has_cost, has_delta = np.isfinite(costs), np.isfinite(deltas)
    is_sound = has_cost & has_delta & (costs <= highest)
    if is_sound.all():
        return None
    place = int(np.argmin(is_sound))
    window = first + place
    if not has_cost[place]:
        return window, "the cost C is not finite", _START if window == 0 else _RATE
    if not has_delta[place]:
        return window, "the cost change ΔC is not finite", _METER
    return window, f"the cost C is {costs[place]:.3g}, beyond {highest:.3g}", _RATE


def _finite(weights: Arrays) -> dict[str, Bool[Array, " places"]]:
    leaves, _ = jax.tree_util.tree_flatten_with_path(weights)
    names = [jax.tree_util.keystr(path) for path, _ in leaves]
    return dict(zip(names, _each_finite([leaf for _, leaf in leaves]), strict=True))


@jax.jit
def _each_finite(weights: list[Array]) -> list[Bool[Array, " places"]]:
    return [jnp.all(jnp.isfinite(leaf), axis=tuple(range(1, leaf.ndim))) for leaf in weights]
