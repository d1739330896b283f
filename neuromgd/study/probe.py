"""A short probe of a network or rule that no task knows: which rate, kick and scale make it learn.

What a task takes where nobody says is tuned for its own network and rule. Chips of a few hundred
windows, one for every pair of a rate and an amplitude, side by side in one program, tell what is
worth trying for another one.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import jax
import msgspec
import numpy as np
from jaxtyping import Float

from neuromgd.errors import ProbedWarning
from neuromgd.fleet.engines import open_engine
from neuromgd.fleet.processes import has_joined
from neuromgd.options.config import Config
from neuromgd.options.modes import kicks_neurons
from neuromgd.options.read import from_file
from neuromgd.plan.plan import Parts, Plan, plan
from neuromgd.study.ensemble import joined, prepared
from neuromgd.synapse.rules.rule import Ready

# Length of the probe; a run that is not several times as long is not worth one.
WINDOWS, TIMES = 256, 4
# Rates that are tried, and amplitudes over what the task has.
RATES = tuple(float(f"{10 ** (place / 2):.3g}") for place in range(-8, 3))
KICKS = (1.0, 10.0)
# First weights beyond this share of the window of a cell leave no room to learn; it is the share
# that a read-out gain leaves of them.
ROOM = 0.5
# Rows of the probe, of which the last is what chips came to.
ROWS = 8
# A smaller rate is taken if it falls nearly as far: a short probe likes rates that a long run
# finds too large.
NEARLY = 0.9


class Proposal(NamedTuple):
    """What a probe proposes.

    Attributes:
        rate: Learning rate η.
        amplitude: Perturbation amplitude Δθ [w.u.]; None: neurons are kicked, or it was given.
        weight_scale: Weight of the network that one weight unit stands for; None: as it is.
        first: Cost before.
        last: Cost after.
    """

    rate: float
    amplitude: float | None
    weight_scale: float | None
    first: float
    last: float

    @property
    def windows(self) -> int | None:
        """Windows after which half of the first cost would be left at this pace; None: it grew."""
        fall = (self.first - self.last) / WINDOWS
        return round(self.first / 2 / fall) if fall > 0 else None

    def told(self) -> str:
        """Returns it as a sentence."""
        kick = "" if self.amplitude is None else f", synapse.amplitude = {self.amplitude:.3g}"
        scale = (
            "" if self.weight_scale is None else f", network.weight_scale = {self.weight_scale:.3g}"
        )
        pace = "it did not fall" if self.windows is None else (
            f"half of it takes about {self.windows:,} windows at that pace"
        )  # fmt: skip
        return (
            f"a probe of {WINDOWS} windows chose learning.rate = {self.rate:.3g}{kick}{scale} for a"
            f" network or rule that the task has no numbers for: the cost went from"
            f" {self.first:.3g} to {self.last:.3g}, and {pace}; give a learning.rate, or"
            " train(…, probe=False)"
        )

    def over(self, config: Config) -> Config:
        """Returns a configuration with what is proposed."""
        replace, synapse = msgspec.structs.replace, config.synapse
        if self.amplitude is not None:
            synapse = replace(synapse, amplitude=self.amplitude)
        network = config.network
        if self.weight_scale is not None:
            network = replace(network, weight_scale=self.weight_scale)
        learning = replace(config.learning, rate=self.rate)
        return replace(config, learning=learning, synapse=synapse, network=network)


def probed(config: Config, parts: Parts, is_resumed: bool) -> Config:
    """Returns the configuration of a run, with what a probe proposes where it needs one.

    Args:
        config: What is run, checked.
        parts: What a library user brings.
        is_resumed: Whether the run in the folder goes on, with what it began with.
    """
    if not _is_asked(config, parts):
        return config
    if is_resumed:
        return _as_begun(config)
    whole = plan(config, parts)
    if whole.windows < TIMES * WINDOWS:
        return config
    found = propose(config, parts, whole)
    if found is None:
        return config
    warnings.warn(found.told(), ProbedWarning, stacklevel=3)
    return found.over(config)


def propose(config: Config, parts: Parts, whole: Plan) -> Proposal | None:
    """Trains chips for a short time, and returns what is best; None: none stayed finite.

    Args:
        config: What is run.
        parts: What a library user brings.
        whole: The plan of the run.
    """
    replace = msgspec.structs.replace
    scale = weight_scale(whole) if config.network.weight_scale is None else None
    usual = float(whole.params.synapse.amplitude)
    if scale is not None:  # a kick of the network stays what it was
        usual *= whole.design.network.weight_scale / scale
    is_free = config.synapse.amplitude is None and not kicks_neurons(config.learning.mode)
    tried = [
        Proposal(rate, kick * usual if is_free else None, scale, np.nan, np.nan)
        for kick in (KICKS if is_free else KICKS[:1]) for rate in RATES
    ]  # fmt: skip
    steady = replace(config.learning, schedule="constant", final=None, decay=None)
    short = replace(
        config, chips=1, windows=WINDOWS, steps=None, epochs=None, log_every=WINDOWS // ROWS,
        platform=None, learning=steady,
    )  # fmt: skip
    todo = joined(prepared([one.over(short) for one in tried], parts, whole.data), 1)
    engine = open_engine(short, todo)
    _, record = engine.advance(engine.make(), 0, WINDOWS)
    costs = np.asarray(record.cost, float).reshape(ROWS, -1, len(tried)).mean(axis=1)
    best = chosen(costs, [one.rate for one in tried])
    if best is None:
        return None
    return tried[best]._replace(first=float(np.nanmedian(costs[0])), last=float(costs[-1, best]))


def chosen(costs: Float[np.ndarray, "rows tried"], rates: Sequence[float]) -> int | None:
    """Returns which trial is best: of those that fall nearly as far as the best, the slowest.

    Args:
        costs: Mean cost of every trial, row after row.
        rates: Of the trials.
    """
    last = np.where(np.isfinite(costs).all(axis=0), costs[-1], np.inf)
    if not np.isfinite(last).any():
        return None
    start = float(np.median(costs[0][np.isfinite(costs[0])]))
    enough = start - NEARLY * (start - last.min())
    near = np.flatnonzero(last <= max(enough, last.min()))
    return int(min(near, key=lambda one: (rates[one], last[one])))


def weight_scale(whole: Plan) -> float | None:
    """Returns the read-out gain that leaves first weights room in their cells; None: they have."""
    highest, network = whole.params.device.weight_max, whole.design.network
    if highest is None:
        return None
    theta = jax.jit(network.initialise)(jax.random.key(0))
    largest = max(float(np.quantile(np.abs(leaf), 0.999)) for leaf in jax.tree.leaves(theta))
    most = ROOM * float(highest)
    return float(f"{network.weight_scale * largest / most:.2g}") if largest > 2 * most else None


def _is_asked(config: Config, parts: Parts) -> bool:
    """Tells whether a run has a network or rule of its own, and no rate for it."""
    has_own_rule = parts.rule is not None and not (
        isinstance(parts.rule, Ready) or hasattr(parts.rule, "update")
    )
    is_ready = parts.rule is not None and not has_own_rule
    is_simulated = config.engine in ("window", "step") and not config.baseline
    return (
        (parts.network is not None or has_own_rule)
        and not is_ready
        and is_simulated
        and config.learning.rate is None
        and config.learning.rates is None
        and config.synapse.amplitudes is None
        and not (config.shard_arrays or has_joined())
    )


def _as_begun(config: Config) -> Config:
    """Returns the configuration with what the probe chose when the run in the folder began."""
    path = Path(str(config.out)) / "config.toml"
    if not path.exists():
        return config
    begun, replace = from_file(path), msgspec.structs.replace
    return replace(
        config,
        learning=replace(config.learning, rate=begun.learning.rate),
        synapse=replace(config.synapse, amplitude=begun.synapse.amplitude),
        network=replace(config.network, weight_scale=begun.network.weight_scale),
    )
