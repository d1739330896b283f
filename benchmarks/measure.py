"""Measuring on a machine that others use too: cases take turns, and medians are told."""

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import numpy as np


class Work(NamedTuple):
    """Something to be timed, compiled already.

    Attributes:
        run: Does it once; returns what must be waited for.
        units: How much of it one run does, in the unit of its group.
        trace_seconds: What tracing took before.
        compile_seconds: What compiling took.
    """

    run: Callable[[], Any]
    units: float
    trace_seconds: float = 0.0
    compile_seconds: float = 0.0


class Timing(NamedTuple):
    """What a case took.

    Attributes:
        seconds: (rounds,) for one unit of work, round by round.
        trace_seconds: What tracing took before.
        compile_seconds: What compiling took.
    """

    seconds: np.ndarray
    trace_seconds: float
    compile_seconds: float

    @property
    def median(self) -> float:
        """Seconds for one unit of work."""
        return float(np.median(self.seconds))

    def over(self, other: "Timing") -> float:
        """Returns the median of the ratios within a round, which slow drift leaves alone."""
        return float(np.median(self.seconds / other.seconds))


def interleaved(works: Mapping[str, Work], rounds: int) -> dict[str, Timing]:
    """Times all works in turn, A B C A B C …, after one run of each that does not count."""
    for work in works.values():
        jax.block_until_ready(work.run())
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            start = time.perf_counter()
            jax.block_until_ready(work.run())
            seconds[name].append((time.perf_counter() - start) / work.units)
    return {
        name: Timing(np.asarray(seconds[name]), work.trace_seconds, work.compile_seconds)
        for name, work in works.items()
    }


def compiled(function: Any, *arguments: Any) -> tuple[Any, float, float]:
    """Compiles a jitted function; returns it with the seconds of tracing and of compiling."""
    start = time.perf_counter()
    lowered = function.lower(*arguments)
    traced = time.perf_counter()
    program = lowered.compile()
    return program, traced - start, time.perf_counter() - traced
