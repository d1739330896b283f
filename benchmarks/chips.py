"""The simulator's side of every comparison: chips as ``neuromgd train`` makes and advances them."""

import os
from pathlib import Path

import jax.numpy as jnp
import msgspec
import numpy as np

from benchmarks.measure import Work, compiled
from neuromgd.data.dataset import Dataset
from neuromgd.study.build import NO_PARTS, Parts, plan
from neuromgd.study.chips import make_chips, scale, training_set
from neuromgd.study.config import IDEAL, ArrayConfig, BusConfig, Config, SynapseConfig
from neuromgd.study.device_config import IDEAL_CELL
from neuromgd.study.ensemble import advance

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


def chip_windows(config: Config, windows: int) -> Work:
    """Returns the work of advancing all chips of a configuration by some windows.

    Its unit is one window of one chip.
    """
    todo = plan(config, parts(config))
    chips = make_chips(config, todo)
    samples, factor, first = training_set(todo), scale(todo), jnp.asarray(0, jnp.int32)
    program, *spent = compiled(
        advance, todo.design, todo.tau, config.engine, windows,
        todo.params, chips, first, first + windows, samples, factor,
    )  # fmt: skip

    def run():
        nonlocal chips, first
        chips, record = program(todo.params, chips, first, first + windows, samples, factor)
        first = first + windows
        return record

    return Work(run, windows * config.chips, *spent)
