"""A short probe of a network or rule that no task knows: which rate, kick and scale make it learn.

What a task takes where nobody says is tuned for its own network and rule. Chips of a few hundred
windows, one for every pair of a rate and an amplitude, side by side in one program, tell what is
worth trying for another one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
from jaxtyping import Float

from neuromgd.chip.design import Design
from neuromgd.errors import InputError
from neuromgd.fleet.engines import open_engine
from neuromgd.options.config import Config
from neuromgd.options.grid import changed
from neuromgd.options.modes import kicks_neurons
from neuromgd.plan.plan import Parts, Plan, plan
from neuromgd.study.ensemble import joined

# Length of the probe.
WINDOWS = 256
# Rates that are tried, and amplitudes over what the task has.
RATES = tuple(float(f"{10 ** (place / 2):.3g}") for place in range(-8, 3))
KICKS = (1.0, 10.0)
# First weights beyond the window of a cell leave no room to learn; a read-out gain leaves them this
# share of it.
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

    @property
    def values(self) -> dict[str, float]:
        """Values of the options that are proposed."""
        every = {
            "learning.rate": self.rate, "synapse.amplitude": self.amplitude,
            "network.weight_scale": self.weight_scale,
        }  # fmt: skip
        return {name: value for name, value in every.items() if value is not None}

    @property
    def pace(self) -> str:
        """How the cost went, in words."""
        pace = "it did not fall" if self.windows is None else (
            f"half of it takes about {self.windows:,} windows at that pace"
        )  # fmt: skip
        return f"the cost went from {self.first:.3g} to {self.last:.3g}, and {pace}"


def propose(
    config: Config,
    parts: Parts,
    whole: Plan,
    designs: dict[float | None, Design] | None = None,
) -> Proposal:
    """Trains chips for a short time, and returns what is best.

    Args:
        config: What is run.
        parts: What a library user brings.
        whole: The plan of the run.
        designs: Of other runs that share its program, by their read-out gain; new ones are kept.

    Raises:
        InputError: If no chip stays finite, or so many do not fit into memory.
    """
    replace = msgspec.structs.replace
    scale = weight_scale(whole) if config.network.weight_scale is None else None
    steady = replace(config.learning, schedule="constant", final=None, decay=None)
    short = replace(
        config, chips=1, windows=WINDOWS, steps=None, epochs=None, log_every=WINDOWS // ROWS,
        stop_at=None, learning=steady,
    )  # fmt: skip
    short = short if scale is None else changed(short, {"network.weight_scale": scale})
    one = plan(short, parts, whole.data)
    # The same network is another one to a compiler, plan after plan.
    one = one._replace(design=({} if designs is None else designs).setdefault(scale, one.design))
    kicks = [None]
    if _is_free(config):  # a kick of the network stays what it was
        gain = 1.0 if scale is None else whole.design.network.weight_scale / scale
        kicks = [float(f"{kick * gain * whole.params.synapse.amplitude:.6g}") for kick in KICKS]
    tried = [Proposal(rate, kick, scale, np.nan, np.nan) for kick in kicks for rate in RATES]
    engine = open_engine(short, joined([_with(one, trial) for trial in tried], 1))
    _, record = engine.advance(engine.make(), 0, WINDOWS)
    costs = np.asarray(record.cost, float).reshape(ROWS, -1, len(tried)).mean(axis=1)
    best = chosen(costs, [trial.rate for trial in tried])
    if best is None:
        raise InputError("chips stay finite at no learning.rate")
    return tried[best]._replace(first=float(np.nanmedian(costs[0])), last=float(costs[-1, best]))


def _is_free(config: Config) -> bool:
    """Tells whether the amplitude of weights is for the probe to choose."""
    synapse, mode = config.synapse, config.learning.mode
    is_given = synapse.amplitude is not None or synapse.amplitudes is not None
    return not is_given and synapse.amplitude_of == "code" and not kicks_neurons(mode)


def _with(one: Plan, trial: Proposal) -> Plan:
    """Returns a plan with the rate and amplitude of a trial: no other number knows of them."""
    synapse = one.params.synapse.replace(learning_rate=jnp.asarray(trial.rate, jnp.float32))
    if trial.amplitude is not None:
        synapse = synapse.replace(amplitude=jnp.asarray(trial.amplitude, jnp.float32))
    return one._replace(params=one.params.replace(synapse=synapse))


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
    return min(near.tolist(), key=lambda one: (rates[one], last[one]))


def weight_scale(whole: Plan) -> float | None:
    """Returns the read-out gain that leaves first weights room in their cells; None: they have."""
    highest, network = whole.params.device.weight_max, whole.design.network
    if highest is None:
        return None
    theta = jax.jit(network.initialise)(jax.random.key(0))
    largest = max(float(np.quantile(np.abs(leaf), 0.999)) for leaf in jax.tree.leaves(theta))
    if largest <= float(highest):
        return None
    return float(f"{network.weight_scale * largest / (ROOM * float(highest)):.2g}")
