"""What a device paper shows of a cell: its pulse response, single cells, and what time does.

A cell of one sign is shown as the chip uses it, in a pair whose weight is half the difference. A
pair that only rises goes down by its other cell, and is refreshed when that is full.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from neuromgd.cell_numbers import DIE
from neuromgd.device.cell import CellState, read, store
from neuromgd.device.from_sheet import device_params
from neuromgd.device.laws import LAWS
from neuromgd.device.params import DeviceParams
from neuromgd.device.program import programming_error
from neuromgd.device.read_noise import read_deviation
from neuromgd.device.retention import advance
from neuromgd.device.threshold import at_once
from neuromgd.device.traits import TRAITS, Traits, fabricate
from neuromgd.device.write import write, write_noises
from neuromgd.randomness import Stream, each, normal, root_key
from neuromgd.sheets.cell import Cell

POINTS = 60
# Up, down, up and down again.
LEGS = (1, -1, 1, -1)
SECONDS = np.geomspace(1.0, 1e7, 40)


class Curves(NamedTuple):
    """Columns of a figure; every ensemble is (rows, cells).

    Attributes:
        pulse: (rows,) pulses given so far; empty where no pulse response is known.
        weight: Weight of each cell, or pair, after them [w.u.].
        reading: One reading of each then, with the noise of reading [w.u.].
        seconds: (rows,) time since the write; empty where nothing is known to change.
        retained: Weight of each cell then [w.u.].
        aim: (rows,) weight that cells were programmed to [w.u.]; empty where they are pulsed.
        error: (rows,) σ of where they land [w.u.].
    """

    pulse: NDArray[np.float64]
    weight: NDArray[np.float64]
    reading: NDArray[np.float64]
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
    # They are taken from anywhere: no two are neighbours.
    params = device_params(cell, dict.fromkeys(DIE))
    key = root_key(seed, 0)
    like = jnp.zeros(cells, jnp.float32)
    is_pair = holds_one_sign(cell)
    shape = (2, cells) if is_pair else (cells,)
    traits = fabricate(params, shape, *(each(key, trait, 0, like) for trait in TRAITS))
    none, empty = np.zeros(0), np.zeros((0, cells))
    pulse, weight, reading, aim, error = none, empty, empty, none, none
    if cell.law == "program_verify":
        aim, error = _programming(params)
    else:
        pulse, weight, reading = _response(cell, params, traits, key, cells, is_pair)
    timed = (params.drift_exponent, params.leak_time, params.relaxation_noise)
    if all(number is None for number in timed):
        return Curves(pulse, weight, reading, none, empty, aim, error)
    seconds, retained = _retention(params, traits, cells, is_pair)
    return Curves(pulse, weight, reading, seconds, retained, aim, error)


def holds_one_sign(cell: Cell) -> bool:
    """Tells whether a cell needs a partner for weights of the other sign."""
    lowest = cell.numbers.get("weight_min")
    return isinstance(lowest, float) and lowest >= 0


def _response(
    cell: Cell, params: DeviceParams, traits: Traits, key, cells: int, is_pair: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    low, high = _window(params, is_pair)
    step = 0.02 if params.update_step is None else float(params.update_step)
    per_point = max(1, math.ceil((high - low) / step / POINTS))
    points = min(POINTS, math.ceil((high - low) / step / per_point))
    sign = np.repeat(LEGS, points)
    law, like = LAWS[cell.law], jnp.zeros(cells, jnp.float32)
    tested = at_once(params)  # a tester gives its pulses, whatever a chip would leave out

    def one(state: CellState, event):
        number, request = event
        keys = (each(key, noise, number, like) for noise in write_noises(params))
        state = write(law, "nearest", tested, state, like + request, *keys, traits=traits)
        return state, (read(state), observed(state, number))

    def observed(state: CellState, number):
        sigma = read_deviation(params, traits, state)
        if sigma is None:
            return read(state)
        return read(state) + sigma * normal(each(key, Stream.READ, number, like), (cells,))

    start = store(params, jnp.full(cells, low, jnp.float32), traits, is_pair)
    requests = jnp.asarray(sign * per_point * step, jnp.float32)
    events = jnp.arange(len(sign)), requests
    _, later = jax.jit(lambda state: jax.lax.scan(one, state, events))(start)
    first = read(start), observed(start, len(sign))
    pulse = per_point * np.arange(len(sign) + 1)
    weight, reading = (
        np.concatenate([np.asarray(before)[None], np.asarray(after)]).astype(float)
        for before, after in zip(first, later, strict=True)
    )
    return pulse.astype(float), weight, reading


def _retention(
    params: DeviceParams, traits: Traits, cells: int, is_pair: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = _window(params, is_pair)
    weight = jnp.full(cells, low + 0.75 * (high - low), jnp.float32)
    start = store(params, weight, traits, is_pair)
    after = jax.jit(lambda t: read(advance(params, traits, start, t)))
    return SECONDS, np.stack([after(jnp.asarray(t, jnp.float32)) for t in SECONDS]).astype(float)


def _programming(params: DeviceParams) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = _window(params, False)
    count = 41 if params.levels is None else min(401, int(params.levels))
    aim = jnp.linspace(low, high, count, dtype=jnp.float32)
    return np.asarray(aim, float), np.asarray(programming_error(params, aim), float)


def _window(params: DeviceParams, is_pair: bool) -> tuple[float, float]:
    if params.weight_min is None or params.weight_max is None:
        return -1.0, 1.0
    low, high = float(params.weight_min), float(params.weight_max)
    half = (high - low) / 2
    return (-half, half) if is_pair else (low, high)
