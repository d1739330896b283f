"""What a search for a recipe tries: rates and thresholds of a write, with a residue or without."""

import math
from typing import NamedTuple

import msgspec
from scipy.stats import qmc

from neuromgd.needs import CONTINUOUS
from neuromgd.options.cell import chosen_cell
from neuromgd.options.config import Config, SynapseConfig

# Rates are tried within this factor of the start, to either side; thresholds up to this share of
# the window.
RATE_SPAN, WINDOW_SHARE = 30.0, 0.3
# Smallest threshold of cells that take any change, as a share of the window.
SMALLEST_SHARE = 1e-3
# What only a residue has.
RESIDUE = tuple(n for n in SynapseConfig.__struct_fields__ if n.startswith("residue"))


class Candidate(NamedTuple):
    """One way to train.

    Attributes:
        rate: Learning rate η.
        has_residue: Whether a synapse keeps what it could not write.
        pulses: Threshold of a write in pulses or levels; None: in weight units, or the cell's own.
        weight: Threshold of a write [w.u.].
    """

    rate: float
    has_residue: bool = False
    pulses: float | None = None
    weight: float | None = None

    def over(self, config: Config, windows: int, chips: int) -> Config:
        """Returns a configuration that trains in this way, for so many windows."""
        replace, circuit = msgspec.structs.replace, config.synapse
        if not self.has_residue:
            default = SynapseConfig()
            circuit = replace(circuit, **{n: getattr(default, n) for n in RESIDUE})
        return replace(
            config,
            learning=replace(config.learning, rate=self.rate),
            synapse=replace(circuit, residue=self.has_residue),
            device=replace(
                config.device, write_threshold_pulses=self.pulses, write_threshold=self.weight
            ),
            windows=windows, steps=None, epochs=None, chips=chips, log_every=None,
        )  # fmt: skip


def candidates(config: Config, rate: float, count: int) -> list[Candidate]:
    """Returns what is tried first: a quarter writes at once, the others keep a residue.

    Rates and thresholds are spread evenly over their logarithms (Halton's sequence, scrambled by
    the seed of the run).

    Args:
        config: What every candidate has in common.
        rate: About which rates are tried.
        count: How many.
    """
    at_once = max(1, count // 4)
    places = qmc.Halton(2, rng=config.seed).random(count)
    rates = [rate * RATE_SPAN ** (2 * float(place) - 1) for place in places[:, 0]]
    low, high, is_stepped = _thresholds(config)
    found = [Candidate(one) for one in rates[:at_once]]
    for one, place in zip(rates[at_once:], places[at_once:, 1].tolist(), strict=True):
        threshold = low * (high / low) ** place
        if is_stepped:
            found.append(Candidate(one, True, pulses=threshold))
        else:
            found.append(Candidate(one, True, weight=threshold))
    return found


def _thresholds(config: Config) -> tuple[float, float, bool]:
    """Returns the least and the largest threshold to try, and whether they are in steps."""
    cell, _ = chosen_cell(config.device)
    numbers = cell.numbers
    low, high = numbers.get("weight_min"), numbers.get("weight_max")
    low = low if isinstance(low, int | float) else -1.0
    high = high if isinstance(high, int | float) else 1.0
    window, levels, step = high - low, numbers.get("levels"), numbers.get("update_step")
    if isinstance(levels, int | float):
        step = window / (levels - 1)
    elif "programming_noise" in numbers or "programming_noise_saturation" in numbers:
        step = None
    if not isinstance(step, int | float) or (cell.law in CONTINUOUS and levels is None):
        return SMALLEST_SHARE * window, WINDOW_SHARE * window, False
    # Below half a step a residue is rounded anyway; a cell of few steps waits for one or two.
    return 0.5, max(2.0, float(math.floor(WINDOW_SHARE * window / step))), True
