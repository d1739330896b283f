"""A plain loop on the host: it kicks, reads and writes chips that are not simulated.

The host stands for all that is beside the arrays of such a chip: it draws the perturbations, and
does with the costs what bus and learning circuits do, by the code of a simulated timestep.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import SingleDeviceSharding

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.kick import kicked
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import MODES
from neuromgd.chip.passes import Costs
from neuromgd.chip.record import Record
from neuromgd.chip.window import window_of_costs
from neuromgd.data.stream import order
from neuromgd.device.params import given
from neuromgd.errors import InputError
from neuromgd.fleet.calibrate import WINDOWS, is_to_listen
from neuromgd.fleet.chips import fabricated, shapes_of_chips
from neuromgd.fleet.engine import Engine, EngineMember, Observed
from neuromgd.fleet.evaluate import BATCH
from neuromgd.fleet.kept import as_arrays, as_chips, shapes_as_arrays
from neuromgd.fleet.observe import observed
from neuromgd.fleet.reading import Reading
from neuromgd.loading import full_scales
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan
from neuromgd.typing import Arrays

_order = jax.jit(order, static_argnums=(2, 3))
_answered = jax.jit(window_of_costs)
_weights = jax.jit(jax.vmap(weights))


@jax.jit
def _kicked(machine: Machine, chip: Chip, slot: jax.Array) -> tuple[Arrays, Arrays]:
    kick = kicked(machine, chip, slot)
    return kick.plus, kick.minus


@dataclass(frozen=True)
class Hosted:
    """Instruments as the chips of a run; see ``Engine``.

    What the host keeps of them is a ``Chip`` along a leading axis, with ideal cells: the weights
    that it wrote, and the state of bus, learning circuits and rule.

    Attributes:
        config: What is run.
        plan: What is run, prepared.
        method: What a summary calls it.
        has_readings: Whether the chips learn from readings of the cost alone.
        slow_because: Of no interest: an instrument takes its time.
    """

    config: Config
    plan: Plan
    method: str = "instrument"
    has_readings: bool = True
    slow_because: str | None = None

    @property
    def members(self) -> int:
        """Number of instruments."""
        return len(self.plan.instruments)

    @cached_property
    def _readings(self) -> list[Reading]:
        design, data = self.plan.design, self.plan.data
        theta = jax.eval_shape(design.network.initialise, jax.random.key(0))
        x = jax.ShapeDtypeStruct((1, *data.inputs), jnp.float32)
        shape = jax.eval_shape(design.network.apply, theta, x).shape[1:]
        return [Reading(one, design.cost, shape) for one in self.plan.instruments]

    def make(self) -> Chip:
        """Returns what the host keeps before the first window; a ΔC converter is calibrated."""
        chips = fabricated(self.config, self.plan)
        if not is_to_listen(self.plan):
            return chips
        params = self.plan.params
        synapse = params.synapse.replace(learning_rate=0 * params.synapse.learning_rate)
        still = replace(self, plan=self.plan._replace(params=params.replace(synapse=synapse)))
        _, record = still.advance(_ranged(chips, np.ones(self.members)), 0, WINDOWS)
        heard = np.mean(record.delta_cost, axis=0)
        return _ranged(chips, full_scales(given(params.bus.delta_top), heard))

    def advance(self, chips: Chip, first: int, last: int) -> tuple[Chip, Record]:
        """Lets one instrument after the other live through the windows."""
        after, records = [], []
        for number, reading in enumerate(self._readings):
            chip, of_chip = _one(chips, number), []
            for window in range(first, last):
                chip, record = self._window(reading, chip, window)
                of_chip.append(record)
            after.append(chip)
            records.append(jax.tree.map(lambda *some: np.stack(some), *of_chip))
        together = jax.tree.map(lambda *some: jnp.stack(some), *after)
        return together, jax.tree.map(lambda *some: np.stack(some, axis=1), *records)

    def _window(self, reading: Reading, chip: Chip, number: int) -> tuple[Chip, Record]:
        tau, data = self.plan.tau, self.plan.data
        shown = tau.update // tau.sample
        index = _order(chip.key, jnp.int32(number * shown), shown, len(data.train_y))
        index = np.repeat(np.asarray(index), tau.sample)
        x, y = self._input(data.train_x[index]), data.train_y[index]
        slots, cost_0 = [], np.float32(0)
        for start in range(0, tau.update, tau.perturbation):
            held = slice(start, start + tau.perturbation)
            first = number * tau.update + start
            slots.append(self._slot(reading, chip, first, x[held], y[held], cost_0))
            cost_0 = slots[-1][1][-1]
        joined = Costs(*(jnp.asarray(np.concatenate(some)) for some in zip(*slots, strict=True)))
        return _answered(self.plan.machine, chip, jnp.int32(number), joined)

    def _slot(
        self,
        reading: Reading,
        chip: Chip,
        first: int,
        x: np.ndarray,
        y: np.ndarray,
        cost_0: np.float32,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns the ``Costs`` of one perturbation, (τ_p,) each; the reference is read or held."""
        tau, reference = self.plan.tau, self.plan.design.reference
        plus, minus = _kicked(self.plan.machine, chip, jnp.int32(first // tau.perturbation))
        if reference.side != 0:
            up, down = reading.costs(plus, x, y), reading.costs(minus, x, y)
            return (up + down) / 2, down, up
        n = jnp.arange(first, first + tau.perturbation)
        is_fresh = np.asarray(reference.latest(n, tau.sample, tau.update) == n)
        known = [np.asarray([cost_0])]
        if is_fresh.any():
            known.append(reading.costs(weights(chip), x[is_fresh], y[is_fresh]))
        held = np.concatenate(known)[np.cumsum(is_fresh)]
        return held, held, reading.costs(plus, x, y)

    def _input(self, x: np.ndarray) -> np.ndarray:
        data = self.plan.data
        if data.has_tokens or data.scale is None:
            return x
        return x.astype(np.float32) * np.float32(data.scale)

    def score(self, chips: Chip, window: int = 0) -> np.ndarray:
        """Returns the (chips,) values of the task's metric on the test set of any window."""
        del window
        data, metric = self.plan.data, self.plan.metric
        targets, of_samples = jnp.asarray(data.test_y), jax.vmap(metric.of_sample)
        return np.asarray([
            metric.reduced(jnp.mean(of_samples(jnp.asarray(outputs), targets)), targets)
            for outputs in self.predict(chips, data.test_x)
        ])  # fmt: skip

    def predict(self, chips: Chip, x: np.ndarray) -> np.ndarray:
        """Returns the (chips, samples, *outputs) outputs for (samples, *input), as stored."""
        every = []
        for number, reading in enumerate(self._readings):
            reading.write(weights(_one(chips, number)))
            batches = [
                reading.outputs(self._input(x[first : first + BATCH]))
                for first in range(0, len(x), BATCH)
            ]
            every.append(np.concatenate(batches))
        return np.stack(every)

    def weights(self, chips: Chip) -> Arrays:
        """Returns the arrays of weights that were written, (chips, *array) each [w.u.]."""
        return _weights(chips)

    def observed(self, chips: Chip) -> Observed:
        """Returns what can be seen of the chips from outside."""
        return observed(self.plan, chips)

    def save(self, chips: Chip) -> Arrays:
        """Returns all that the host keeps."""
        return as_arrays(chips)

    def shapes(self) -> Arrays:
        """Returns the shapes of what ``save`` gives; it goes to the first device."""
        shapes, here = shapes_of_chips(self.config, self.plan), jax.devices()[0]
        return shapes_as_arrays(shapes, jax.tree.map(lambda _: SingleDeviceSharding(here), shapes))

    def restore(self, saved: Arrays) -> Chip:
        """Returns what was saved."""
        return as_chips(saved, self.config.generator)

    def finished(self, chips: Chip) -> Chip:
        """Returns what the host kept."""
        return chips


def _one(chips: Chip, number: int) -> Chip:
    return jax.tree.map(lambda leaf: leaf[number], chips)


def _ranged(chips: Chip, full_scale: np.ndarray) -> Chip:
    traits = chips.traits.replace(delta_range=jnp.asarray(full_scale, jnp.float32))
    return chips.replace(traits=traits)


def by_host(config: Config, plan: Plan) -> Engine:
    """Returns the instruments of a run, driven by this process.

    Raises:
        InputError: If what is kicked is not their weights.
    """
    if plan.design.mode is not MODES["weight"]:
        raise InputError("option learning.mode: of an instrument, a host can kick weights alone")
    return Hosted(config, plan)


INSTRUMENT = EngineMember(by_host)
