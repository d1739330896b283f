"""Simulated chips: side by side in one compiled program, on the devices of all processes."""

from dataclasses import dataclass
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec, SingleDeviceSharding

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.record import Record
from neuromgd.chip.window import steps_because
from neuromgd.data.sample import Sample
from neuromgd.fleet.chips import make_chips, placed, shapes_of_chips
from neuromgd.fleet.engine import Engine, EngineMember, Observed
from neuromgd.fleet.evaluate import predict, score
from neuromgd.fleet.kept import as_arrays, as_chips, shapes_as_arrays
from neuromgd.fleet.layout import Layout
from neuromgd.fleet.observe import observed
from neuromgd.fleet.processes import to_host
from neuromgd.fleet.shard import shardings
from neuromgd.fleet.shown import chunk, scale, training_set
from neuromgd.fleet.simulated import advance
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan
from neuromgd.typing import Arrays, Leaf

_weights = jax.jit(jax.vmap(weights))
_score = jax.jit(score, static_argnums=(0, 1, 6, 7))
_predict = jax.jit(predict, static_argnums=(0, 5, 6))


@dataclass(frozen=True)
class Simulated:
    """The chips of a run as ``Chip``, along a leading axis of places; see ``Engine``.

    Attributes:
        config: What is run.
        plan: What is run, prepared and placed.
        where: Where the chips run.
        window: Name of how one window of one chip is computed.
        method: What a summary calls it.
        has_readings: Whether the chips learn from readings of the cost alone.
        slow_because: Why timesteps are computed one after the other.
    """

    config: Config
    plan: Plan
    where: Layout
    window: str
    method: str = "mgd"
    has_readings: bool = True
    slow_because: str | None = None

    @property
    def members(self) -> int:
        """Number of chips."""
        return self.config.chips * self.plan.points

    @cached_property
    def _samples(self) -> tuple[Sample, Leaf | None]:
        return training_set(self.plan, self.where), scale(self.plan, self.where)

    @cached_property
    def _test(self) -> Sample:
        data = self.plan.data
        return self.where.everywhere(Sample(jnp.asarray(data.test_x), jnp.asarray(data.test_y)))

    def make(self) -> Chip:
        """Returns the chips, fabricated and calibrated."""
        return make_chips(self.config, self.plan, self.where)

    def advance(self, chips: Chip, first: int, last: int) -> tuple[Chip, Record]:
        """Advances all chips; the program is compiled for the windows between two logged ones."""
        plan, where, length, records = self.plan, self.where, chunk(self.config, self.plan), []
        for start in range(first, last, length):
            stop = min(start + length, last)
            chips, record = advance(
                plan.design, plan.tau, self.window, length, plan.params, chips,
                np.int32(start), np.int32(stop), *self._samples, plan.varies, where,
            )  # fmt: skip
            kept = lambda leaf, count=stop - start: to_host(leaf)[:count, : self.members]
            records.append(jax.tree.map(kept, record))
        return chips, jax.tree.map(lambda *some: np.concatenate(some), *records)

    def score(self, chips: Chip, window: int = 0) -> np.ndarray:
        """Returns the (chips,) values of the task's metric on the test set of a window."""
        plan, (_, factor) = self.plan, self._samples
        scores = _score(
            plan.design, plan.metric, plan.params, chips, self._test, factor, plan.varies,
            self.where, np.int32(window) if plan.params.drifting else None,
        )  # fmt: skip
        return to_host(scores)[: self.members]

    def predict(self, chips: Chip, x: np.ndarray) -> np.ndarray:
        """Returns the (chips, samples, *outputs) outputs for (samples, *input), as stored."""
        plan, (_, factor) = self.plan, self._samples
        shown = self.where.everywhere(jnp.asarray(x))
        outputs = _predict(plan.design, plan.params, chips, shown, factor, plan.varies, self.where)
        return to_host(outputs)[: self.members]

    def weights(self, chips: Chip) -> Arrays:
        """Returns the arrays of weights that the networks see, (places, *array) each [w.u.]."""
        return _weights(chips)

    def observed(self, chips: Chip) -> Observed:
        """Returns what can be seen of the chips from outside."""
        return observed(self.plan, chips)

    def save(self, chips: Chip) -> Arrays:
        """Returns copies of all arrays of the chips: the next chunk writes over them."""
        return as_arrays(chips)

    def shapes(self) -> Arrays:
        """Returns the shapes of what ``save`` gives, each with the sharding of where it goes."""
        shapes = shapes_of_chips(self.config, self.plan, self.where)
        if self.config.shard_arrays:
            to = shardings(shapes)
        else:
            apart = self.where.apart() or SingleDeviceSharding(jax.devices()[0])
            to = jax.tree.map(lambda leaf: apart, shapes)
        return shapes_as_arrays(shapes, to)

    def restore(self, saved: Arrays) -> Chip:
        """Returns the chips that were saved."""
        return as_chips(saved, self.config.generator)

    def finished(self, chips: Chip) -> Chip:
        """Returns the chips without spare places, whole in every process."""
        mesh, members = self.where.mesh, self.members
        if mesh is None or self.where.places(members) == members:
            return chips
        whole = NamedSharding(mesh, PartitionSpec())
        cut = lambda chips: jax.tree.map(lambda leaf: leaf[:members], chips)
        return jax.jit(cut, out_shardings=whole)(chips)


def by_windows(config: Config, plan: Plan) -> Engine:
    """Returns chips that compute all timesteps of a window at once, where they can."""
    ready, where = placed(config, plan)
    return Simulated(config, ready, where, "window", slow_because=steps_because(plan.machine))


def by_steps(config: Config, plan: Plan) -> Engine:
    """Returns chips that compute one timestep after the other."""
    ready, where = placed(config, plan)
    return Simulated(config, ready, where, "step")


WINDOW = EngineMember(by_windows, is_swept=True, is_spread=True)
STEP = EngineMember(by_steps, is_swept=True, is_spread=True)
