"""The interface of an engine: all that a host may ask of the chips of a run, whatever they are."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from neuromgd.chip.record import Record
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan
from neuromgd.typing import Arrays

# The chips of a run as their engine holds them; to a host they are one opaque value.
Chips = Any


class OfTechnology(NamedTuple):
    """What is seen of the cells of one technology.

    Attributes:
        writes_per_cell: Mean number of writes of one of them.
        at_bound: Share of them at a bound of their window [1]; None: they have none.
        tester_pulses: That each of them had before it learnt.
    """

    writes_per_cell: float
    at_bound: float | None
    tester_pulses: float


class Observed(NamedTuple):
    """What can be seen of the chips of a run from outside, for a summary and a diagnosis.

    Attributes:
        synapses: Of one chip.
        writes: Mean number of writes of a chip, summed over its memory cells.
        writes_per_cell: Mean number of writes of one memory cell, of those that learn.
        slow_writes_per_cell: The same of the slow cells beside them; None: there are none.
        cells_per_weight: Memory cells behind every weight.
        tester_pulses: That each memory cell had before it learnt.
        at_bound: Share of cells at a bound of their window [1]; None: they have none.
        saturated: Share of the arrays' readings at full scale [1]; None: no converter.
        adc_within: What 99 % of the readings of every array stay within [output units]; None: no
            converter.
        adc_step: Change of weights that moves a reading by a step of the coarsest ADC [network
            weight]; None: no converter.
        delta_range: Mean full scale of the ΔC converters [cost]; None: no converter.
        by_technology: Of the cells that learn, in the order of technologies; None for one: it is
            that of frozen arrays alone; (): of others than simulated chips.
    """

    synapses: int
    writes: float
    writes_per_cell: float
    slow_writes_per_cell: float | None = None
    cells_per_weight: int = 1
    tester_pulses: float = 0.0
    at_bound: float | None = None
    saturated: float | None = None
    adc_within: float | None = None
    adc_step: float | None = None
    delta_range: float | None = None
    by_technology: tuple[OfTechnology | None, ...] = ()


@runtime_checkable
class Engine(Protocol):
    """Makes the chips of one run and advances them.

    Arrays that it gives have a leading axis of chips; of ``weights`` and ``save``, that axis may
    end in spare places, which hold copies of the last chip.
    """

    @property
    def method(self) -> str:
        """What a summary calls the way that these chips learn."""
        ...

    @property
    def has_readings(self) -> bool:
        """Whether they learn from readings of the cost alone."""
        ...

    @property
    def members(self) -> int:
        """Number of chips."""
        ...

    @property
    def slow_because(self) -> str | None:
        """Why timesteps are computed one after the other where most runs need not; None: no."""
        ...

    def make(self) -> Chips:
        """Returns the chips before their first window."""
        ...

    def advance(self, chips: Chips, first: int, last: int) -> tuple[Chips, Record]:
        """Lets the chips live through the windows ``first`` … ``last`` − 1.

        The chips that are given are used up.

        Returns:
            The chips after, and a (windows, chips) record on the host.
        """
        ...

    def score(self, chips: Chips, window: int = 0) -> np.ndarray:
        """Returns the (chips,) values of the task's metric on the test set as it is in a window."""
        ...

    def predict(self, chips: Chips, x: np.ndarray) -> np.ndarray:
        """Returns the (chips, samples, *outputs) outputs for (samples, *input), as stored."""
        ...

    def weights(self, chips: Chips) -> Arrays:
        """Returns the arrays of weights, (places, *array) each [w.u.]."""
        ...

    def observed(self, chips: Chips) -> Observed:
        """Returns what can be seen of the chips from outside."""
        ...

    def save(self, chips: Chips) -> Arrays:
        """Returns a pytree of (places, …) arrays that ``restore`` makes the same chips of.

        They stay what they are when the chips advance.
        """
        ...

    def shapes(self) -> Arrays:
        """Returns the shapes of what ``save`` gives, each with the sharding of where it goes."""
        ...

    def restore(self, saved: Arrays) -> Chips:
        """Returns the chips that were saved."""
        ...

    def finished(self, chips: Chips) -> Chips:
        """Returns the chips of a run that is over, for its user, without spare places."""
        ...


class EngineMember(NamedTuple):
    """An engine that options can name.

    Attributes:
        open: (config, plan) -> the engine of one run.
        is_swept: Whether its chips can be of several technologies at once.
        is_spread: Whether they can run on several devices and in several processes.
    """

    open: Callable[[Config, Plan], Engine]
    is_swept: bool = False
    is_spread: bool = False
