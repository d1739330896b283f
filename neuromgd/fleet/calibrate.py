"""Before it learns, a chip sets the full scales of its converters by what it sees and hears."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from neuromgd.chip.chip import Chip, encodings, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.data.sample import Sample, as_shown
from neuromgd.data.stream import order
from neuromgd.device.params import given
from neuromgd.fleet.layout import ONE_DEVICE, Layout
from neuromgd.fleet.members import over_members
from neuromgd.fleet.processes import to_host
from neuromgd.fleet.shown import chunk, scale, training_set
from neuromgd.fleet.simulated import advance
from neuromgd.loading import full_scales, room
from neuromgd.network.converters import Converters, converters, full_input
from neuromgd.network.crossbar import effective
from neuromgd.network.curvature import curved
from neuromgd.network.params import Ranges
from neuromgd.network.ranges import observed_ranges
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan
from neuromgd.typing import Leaf

# Windows that a chip listens to before it sets the full scale of ΔC.
WINDOWS = 32


def calibrated(
    config: Config, plan: Plan, make: Callable[[], Chip], where: Layout = ONE_DEVICE
) -> Chip:
    """Returns chips with the full scales set that the parameters do not fix.

    Args:
        config: What is run.
        plan: What is run, prepared and placed.
        make: Fabricates the chips, the same ones again and again: listening uses some up.
        where: Where they run.
    """
    chips = looked(plan, make(), where)
    if not is_to_listen(plan):
        return chips
    heard = _heard(config, plan, chips, where)
    full_scale = full_scales(to_host(given(plan.params.bus.delta_top)), heard)
    chips = looked(plan, make(), where)
    return chips.replace(traits=chips.traits.replace(delta_range=where.dealt(full_scale)))


def is_to_listen(plan: Plan) -> bool:
    """Tells whether every chip sets the full scale of its ΔC converter for itself."""
    return plan.params.bus.delta_top is not None and plan.params.bus.delta_range is None


def looked(plan: Plan, chips: Chip, where: Layout = ONE_DEVICE) -> Chip:
    """Returns the chips with the full scales of the converters around their arrays."""
    network = plan.params.network
    if (network.dac_top is None or network.dac_range is not None) and (
        network.adc_top is None or network.adc_range is not None
    ):
        return chips
    samples, factor = training_set(plan, where), scale(plan, where)
    rooms = _rooms(plan, where, len(jax.tree.leaves(chips)[0]))
    around = _look(
        plan.design, plan.tau, plan.params, chips, rooms, samples, factor, plan.varies, where
    )
    return chips.replace(traits=chips.traits.replace(converters=around))


@partial(jax.jit, static_argnums=(0, 1, 7, 8))
def _look(
    design: Design,
    tau: Tau,
    params: ChipParams,
    chips: Chip,
    rooms: Ranges,
    samples: Sample,
    scale: Leaf | None,
    varies: tuple[bool, ...],
    layout: Layout,
) -> Converters:
    def one(params: ChipParams, member: tuple[Chip, Ranges], shared: Any) -> Converters:
        (chip, rooms), (samples, scale) = member, shared
        indices = order(
            chip.key, jnp.zeros((), jnp.int32), tau.update // tau.sample, len(samples.y)
        )
        x = as_shown(samples.x[indices], scale)
        own = encodings(Machine(design, params, tau), chip)
        met = effective(design.network, params.network, weights(chip), x, own)

        def drive(number: int, value: Array, largest: Array) -> Array:
            full = full_input(params.network, rooms.dac * largest)
            return curved(params.network, full, number, value)

        ranges = observed_ranges(design.network, met[0], x, drive)
        wider = Ranges(dac=rooms.dac * ranges.dac, adc=rooms.adc * ranges.adc)
        return converters(params.network, wider)

    return over_members(one, varies, params, (chips, rooms), (samples, scale), layout)


def _rooms(plan: Plan, where: Layout, places: int) -> Ranges:
    """Returns (places,) how far above what they see converters reach before and behind arrays."""

    def of(top: Leaf | None) -> Leaf:
        told = 1.0 if top is None else np.vectorize(room)(np.asarray(to_host(top), float))
        return where.dealt(np.broadcast_to(np.asarray(told, np.float32), (places,)))

    return Ranges(dac=of(plan.params.network.dac_top), adc=of(plan.params.network.adc_top))


def _heard(config: Config, plan: Plan, chips: Chip, where: Layout) -> np.ndarray:
    """Returns the mean |ΔC| that the meter of every chip gives before it learns [cost].

    The program is that of the training, which is compiled anyway, at a learning rate of zero; what
    the meter gives is recorded before the converter.
    """
    synapse = plan.params.synapse
    still = plan.params.replace(synapse=synapse.replace(learning_rate=0 * synapse.learning_rate))
    places = len(jax.tree.leaves(chips)[0])
    any_range = where.dealt(np.ones(places, np.float32))
    chips = chips.replace(traits=chips.traits.replace(delta_range=any_range))
    length, engine, total = chunk(config, plan), config.baseline or config.engine, np.zeros(places)
    samples, factor = training_set(plan, where), scale(plan, where)
    for first in range(0, WINDOWS, length):
        last = min(first + length, WINDOWS)
        chips, record = advance(
            plan.design, plan.tau, engine, length, still, chips,
            np.int32(first), np.int32(last), samples, factor, plan.varies, where,
        )  # fmt: skip
        total += to_host(record.delta_cost)[: last - first].sum(0)
    return (total / WINDOWS).astype(np.float32)
