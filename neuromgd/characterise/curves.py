"""What a device paper shows of a cell: its pulse response, single cells, and what time does."""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from neuromgd.device.cell import CellState, read, store
from neuromgd.device.from_sheet import device_params
from neuromgd.device.laws import LAWS
from neuromgd.device.params import DeviceParams
from neuromgd.device.program import programming_error
from neuromgd.device.retention import advance
from neuromgd.device.traits import TRAITS, Traits, fabricate
from neuromgd.device.write import write, write_noises
from neuromgd.randomness import each, root_key
from neuromgd.sheets.cell import Cell

POINTS = 60
# Up, down, up and down again.
LEGS = (1, -1, 1, -1)
SECONDS = np.geomspace(1.0, 1e7, 40)


class Curves(NamedTuple):
    """Columns of a figure; every ensemble is (rows, cells).

    Attributes:
        pulse: (rows,) pulses given so far; empty where no pulse response is known.
        weight: Weight of each cell after them [w.u.].
        seconds: (rows,) time since the write; empty where nothing is known to change.
        retained: Weight of each cell then [w.u.].
        aim: (rows,) weight that cells were programmed to [w.u.]; empty where they are pulsed.
        error: (rows,) σ of where they land [w.u.].
    """

    pulse: NDArray[np.float64]
    weight: NDArray[np.float64]
    seconds: NDArray[np.float64]
    retained: NDArray[np.float64]
    aim: NDArray[np.float64]
    error: NDArray[np.float64]


def curves(cell: Cell, cells: int = 500, seed: int = 0) -> Curves:
    """Simulates the curves of a technology.

    Args:
        cell: As a sheet describes it.
        cells: How many are made.
        seed: Of all that is random in them.
    """
    params = device_params(cell)
    key = root_key(seed, 0)
    like = jnp.zeros(cells, jnp.float32)
    traits = fabricate(params, (cells,), *(each(key, trait, 0, like) for trait in TRAITS))
    none = np.zeros(0)
    pulse, weight, aim, error = none, np.zeros((0, cells)), none, none
    if cell.law == "program_verify":
        aim, error = _programming(params)
    else:
        pulse, weight = _response(cell, params, traits, key, cells)
    has_memory = params.drift_exponent is not None or params.leak_time is not None
    if not has_memory:
        return Curves(pulse, weight, none, np.zeros((0, cells)), aim, error)
    seconds, retained = _retention(params, traits, cells)
    return Curves(pulse, weight, seconds, retained, aim, error)


def _response(
    cell: Cell, params: DeviceParams, traits: Traits, key, cells: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = _window(params)
    step = 0.02 if params.update_step is None else float(params.update_step)
    per_point = max(1, math.ceil((high - low) / step / POINTS))
    points = min(POINTS, math.ceil((high - low) / step / per_point))
    sign = np.repeat(LEGS, points)
    law, like = LAWS[cell.law], jnp.zeros(cells, jnp.float32)

    def one(state: CellState, event):
        number, request = event
        keys = (each(key, noise, number, like) for noise in write_noises(params))
        state = write(law, "nearest", params, state, like + request, *keys, traits=traits)
        return state, read(state)

    start = store(params, jnp.full(cells, low, jnp.float32), traits)
    requests = jnp.asarray(sign * per_point * step, jnp.float32)
    _, weights = jax.jit(lambda s: jax.lax.scan(one, s, (jnp.arange(len(sign)), requests)))(start)
    pulse = per_point * np.arange(len(sign) + 1)
    rows = np.concatenate([np.asarray(read(start))[None], np.asarray(weights)])
    return pulse.astype(float), rows.astype(float)


def _retention(
    params: DeviceParams, traits: Traits, cells: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = _window(params)
    start = store(params, jnp.full(cells, low + 0.75 * (high - low), jnp.float32), traits)
    after = jax.jit(lambda t: read(advance(params, traits, start, t)))
    return SECONDS, np.stack([after(jnp.asarray(t, jnp.float32)) for t in SECONDS]).astype(float)


def _programming(params: DeviceParams) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = _window(params)
    count = 41 if params.levels is None else min(401, int(params.levels))
    aim = jnp.linspace(low, high, count, dtype=jnp.float32)
    return np.asarray(aim, float), np.asarray(programming_error(params, aim), float)


def _window(params: DeviceParams) -> tuple[float, float]:
    if params.weight_min is None or params.weight_max is None:
        return -1.0, 1.0
    return float(params.weight_min), float(params.weight_max)
