"""The simulator's side of every comparison: chips as ``neuromgd train`` makes and advances them."""

import os
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.measure import Work, compiled
from neuromgd.data.dataset import Dataset
from neuromgd.fleet.chips import make_chips, placed
from neuromgd.fleet.shown import scale, training_set
from neuromgd.fleet.simulated import advance
from neuromgd.options.config import IDEAL, ArrayConfig, BusConfig, Config, SynapseConfig
from neuromgd.options.device import IDEAL_CELL
from neuromgd.options.grid import Design, points
from neuromgd.plan.plan import NO_PARTS, Parts, plan
from neuromgd.study.ensemble import joined, prepared

# Pulsed writes with stochastic rounding and cycle noise.
PULSED = msgspec.structs.replace(
    IDEAL_CELL, update_step=1e-3, weight_min=-1.0, weight_max=1.0, cycle_noise=0.1
)
NOISY = Config(
    ideal=True,
    synapse=SynapseConfig(amplitude_spread=0.1),
    device=PULSED,
    bus=BusConfig(cost_noise=1e-3, delta_bits=8),
)
CONVERTERS = msgspec.structs.replace(
    NOISY,
    array=ArrayConfig(dac_bits=8, adc_bits=8),
    device=msgspec.structs.replace(PULSED, read_noise=5e-3),
)
MNIST = {"task": "mnist", "chips": 1}


def changed(config: Config, **changes) -> Config:
    """Returns the configuration with some options changed; a dictionary changes a section."""
    nested = {
        name: msgspec.structs.replace(getattr(config, name), **value)
        if isinstance(value, dict)
        else value
        for name, value in changes.items()
    }
    return msgspec.structs.replace(config, **nested)


def ideal(**changes) -> Config:
    """Returns the configuration of an ideal chip, with some options changed."""
    return changed(IDEAL, **changes)


def parts(config: Config) -> Parts:
    """Returns the data of a run: MNIST's shapes with random pixels where its files are not."""
    root = os.environ.get("NEUROMGD_DATA")
    if config.task != "mnist" or (root and (Path(root) / "mnist").is_dir()):
        return NO_PARTS
    draw = np.random.default_rng(0)

    def part(count: int) -> tuple[np.ndarray, np.ndarray]:
        pixels = draw.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        return pixels, draw.integers(0, 10, count, dtype=np.int32)

    return Parts(data=Dataset("mnist", *part(60_000), *part(10_000), 1 / 255, 10, 10))


def chip_windows(config: Config, windows: int, over: tuple[str, ...] = ()) -> Work:
    """Returns the work of advancing all chips of a configuration by some windows.

    Its unit is one window of one chip.

    Args:
        config: What is run.
        windows: In one run.
        over: The axes of a sweep, as ``neuromgd sweep`` reads them.
    """
    own = parts(config)
    if over:
        every, _ = points(config, Design(over=list(over)))
        todo = joined(prepared([point.config for point in every], own), config.chips)
    else:
        todo = plan(config, own)
    todo, where = placed(config, todo)
    chips = make_chips(config, todo, where)
    samples, factor, first = training_set(todo, where), scale(todo, where), np.int32(0)
    program, *spent = compiled(
        advance, todo.design, todo.tau, config.engine, windows,
        todo.params, chips, first, first, samples, factor, todo.varies, where,
    )  # fmt: skip

    def run():
        nonlocal chips, first
        last = np.int32(first + windows)
        chips, record = program(todo.params, chips, first, last, samples, factor)
        first = last
        return record

    return Work(run, windows * config.chips * todo.points, *spent)
