"""Measured pulse responses: the change by a pulse is drawn from a table, by inverse CDF.

One pulse is drawn as it was measured, bilinear in CDF and position. The mean and variance of n
pulses are those of the Markov chain that the table defines on its own bins, tabulated beforehand,
so that no pulse is looped over when a chip runs; they are exact up to the width of a bin.

References:
    CrossSim 2.0 lookup-table devices (Sandia National Laboratories): sampling by inverse CDF.
"""

import jax.numpy as jnp
import numpy as np
from jax.scipy.stats import norm
from jaxtyping import Array, Float, Int
from numpy.typing import NDArray

from neuromgd.device.laws.law import Law, Weights
from neuromgd.device.params import LookupParams
from neuromgd.device.response import Response
from neuromgd.sheets.lookup import Response as Table
from neuromgd.typing import Leaf

# Pulses of one write that are tabulated; a longer write acts as this many.
PULSES = 128
# Points of the inverse CDF, and positions between the bounds, that tables are brought to.
_POINTS, _BINS = 65, 65


def tabulate(tables: tuple[tuple[Table, Table], ...]) -> LookupParams:
    """Brings measured tables to common axes and works out what many pulses do.

    Args:
        tables: (up, down) response of each device, on weight [w.u.].
    """
    columns: dict[str, list[NDArray[np.float64]]] = {}
    for up, down in tables:
        low = min(up.conductance[0], down.conductance[0])
        high = max(up.conductance[-1], down.conductance[-1])
        columns.setdefault("low", []).append(low)
        columns.setdefault("high", []).append(high)
        for side, table in (("up", up), ("down", down)):
            quantile = _resampled(table, low, high)
            mean, variance = _moments(quantile)
            columns.setdefault(f"quantile_{side}", []).append(quantile)
            columns.setdefault(f"mean_{side}", []).append(mean)
            columns.setdefault(f"variance_{side}", []).append(variance)
    return LookupParams(
        **{name: jnp.asarray(np.stack(rows), jnp.float32) for name, rows in columns.items()}
    )


def _resampled(table: Table, low: float, high: float) -> NDArray[np.float64]:
    """Returns the (points, bins) change of the position at evenly spaced CDF and position."""
    z = (table.conductance - low) / (high - low)
    at_bins = np.stack([np.interp(_axis(_BINS), z, row) for row in table.change / (high - low)])
    columns = [np.interp(_axis(_POINTS), table.cdf, column) for column in at_bins.T]
    return np.stack(columns, axis=1)


def _moments(quantile: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the (pulses, bins) mean and variance of the change by 0, 1, 2, … pulses."""
    chain = _chain(quantile)
    z = _axis(_BINS)
    first, second = [z], [z**2]
    for _ in range(PULSES):
        first.append(chain @ first[-1])
        second.append(chain @ second[-1])
    mean, square = np.stack(first), np.stack(second)
    return mean - z, np.maximum(square - mean**2, 0)


def _chain(quantile: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the (bins, bins) operator from a function of z to its expectation after a pulse.

    It is cubic between bins, so that the mean and the square are not blurred by their width.
    """
    # Midpoints of the inverse CDF stand for equal shares of the cells.
    shares = (quantile[1:] + quantile[:-1]) / 2
    landing = np.clip(_axis(_BINS) + shares, 0, 1) * (_BINS - 1)
    first = np.clip(np.floor(landing).astype(int) - 1, 0, _BINS - 4)
    t = landing - first
    nodes = (
        -(t - 1) * (t - 2) * (t - 3) / 6,
        t * (t - 2) * (t - 3) / 2,
        -t * (t - 1) * (t - 3) / 2,
        t * (t - 1) * (t - 2) / 6,
    )
    chain = np.zeros((_BINS, _BINS))
    start = np.broadcast_to(np.arange(_BINS), first.shape)
    for offset, weight in enumerate(nodes):
        np.add.at(chain, (start, first + offset), weight / len(shares))
    return chain


def _axis(points: int) -> NDArray[np.float64]:
    return np.linspace(0, 1, points)


def pulses(response: Response, weight: Weights, count: Weights) -> tuple[Weights, Weights]:
    """Returns the (*array) mean weight after ``count`` pulses and its variance [w.u.]."""
    law, z, width = _position(response, weight)
    n = jnp.clip(jnp.abs(count) * (1 if response.gain is None else response.gain), 0, PULSES)
    device = _device(response, weight)

    def change(up: Leaf, down: Leaf) -> Weights:
        return jnp.where(count > 0, _bilinear(up, device, n, z), _bilinear(down, device, n, z))

    mean = change(law.mean_up, law.mean_down)
    variance = change(law.variance_up, law.variance_down)
    return weight + width * mean, width**2 * variance


def draw(response: Response, weight: Weights, count: Weights, normal: Weights) -> Weights:
    """Returns one draw of the (*array) weight after ``count`` pulses [w.u.]."""
    law, z, width = _position(response, weight)
    gain = 1 if response.gain is None else response.gain
    device, points = _device(response, weight), _POINTS - 1
    u = points * norm.cdf(normal)
    single = jnp.where(
        count > 0,
        _bilinear(law.quantile_up, device, u, z),
        _bilinear(law.quantile_down, device, u, z),
    )
    mean, variance = pulses(response, weight, count)
    many = mean + jnp.sqrt(variance) * normal
    return jnp.where(jnp.abs(count) == 1, weight + width * gain * single, many)


def _position(response: Response, weight: Weights) -> tuple[LookupParams, Weights, Leaf]:
    assert response.lookup is not None, "the lookup law needs the tables of a device"
    width = response.weight_max - response.weight_min
    return response.lookup, jnp.clip((weight - response.weight_min) / width, 0, 1), width


def _device(response: Response, weight: Weights) -> Int[Array, "*array"]:
    return jnp.zeros(weight.shape, jnp.int32) if response.table is None else response.table


def _bilinear(
    table: Float[Array, "devices rows bins"], device: Int[Array, "*array"], row: Weights, z: Weights
) -> Weights:
    """Looks a table up at a real row number and at a position in 0 … 1."""
    column = z * (table.shape[2] - 1)
    above = jnp.clip(jnp.floor(row), 0, table.shape[1] - 2)
    left = jnp.clip(jnp.floor(column), 0, table.shape[2] - 2)
    s, t = row - above, column - left
    i, j = above.astype(jnp.int32), left.astype(jnp.int32)
    before = (1 - t) * table[device, i, j] + t * table[device, i, j + 1]
    after = (1 - t) * table[device, i + 1, j] + t * table[device, i + 1, j + 1]
    return (1 - s) * before + s * after


LOOKUP = Law(pulses, draw, step="ΔG by inverse CDF of a measured table, bilinear", error=0.05)
