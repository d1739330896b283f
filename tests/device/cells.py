"""Cells that tests build on, and the plain loop that closed solutions are held to."""

import jax
import jax.numpy as jnp
import numpy as np

from neuromgd.device.cell import CellState, store
from neuromgd.device.laws import LAWS
from neuromgd.device.params import DeviceParams, cell_params
from neuromgd.device.traits import TRAITS, fabricate
from neuromgd.device.write import write, write_noises
from neuromgd.sheets import device


def number(value) -> jax.Array:
    return jnp.asarray(value, jnp.float32)


def params(**numbers) -> DeviceParams:
    return cell_params(numbers)


def law_of(name: str):
    law = device.load(name).sheet.law
    return LAWS["ideal" if law == "program_verify" else law]


def keys_for(streams, seed: int):
    return [jax.random.key(1_000 * seed + int(stream)) for stream in streams]


def made(p: DeviceParams, shape, seed: int = 0):
    return fabricate(p, shape, *keys_for(TRAITS, seed))


def written(law, p, cell: CellState, request, seed: int, traits=None, rounding="nearest"):
    extra = {} if traits is None else {"traits": traits}
    noises = keys_for(write_noises(p), seed)
    return write(law, rounding, p, cell, number(request), *noises, **extra)


def stored(p, weight, traits=None, is_pair: bool = False) -> CellState:
    extra = {} if traits is None else {"traits": traits}
    return store(p, number(weight), is_pair=is_pair, **extra)


def pulse_by_pulse(step, weight, count, bounds=(-np.inf, np.inf), noise=None):
    """Applies ``w += step(w) + noise(w)`` count times, in float64, clipped at each pulse."""
    weight = np.array(weight, float)
    for _ in range(count):
        change = step(weight)
        weight = np.clip(weight + (change if noise is None else change + noise(weight)), *bounds)
    return weight
