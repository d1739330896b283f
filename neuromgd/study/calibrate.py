"""Before it learns, a chip sets the full scales of its converters by what it sees and hears."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.window import window
from neuromgd.data.sample import Sample
from neuromgd.data.stream import order
from neuromgd.network.converters import Converters, converters
from neuromgd.network.crossbar import effective
from neuromgd.network.forward import observed_ranges
from neuromgd.study.layout import ONE_DEVICE, Layout
from neuromgd.study.members import over_members
from neuromgd.typing import Leaf

# Windows that a chip listens to, and how far above the mean |ΔC| it sets its full scale: room for
# the tail of a normal distribution (4σ = 5 means) and for a cost slope that doubles later.
WINDOWS = 32
HEADROOM = 10.0
# How far above the largest number of the first window: activations grow while a network learns.
ARRAY_HEADROOM = 2.0


def calibrated(
    design: Design,
    tau: Tau,
    params: ChipParams,
    chips: Chip,
    samples: Sample,
    scale: Leaf,
    varies: tuple[bool, ...] = (),
    layout: Layout = ONE_DEVICE,
) -> Chip:
    """Returns the chips with the full scales set that ``params`` do not fix."""
    network = params.network
    if (network.dac_top is not None and network.dac_range is None) or (
        network.adc_top is not None and network.adc_range is None
    ):
        around = _look(design, tau, params, chips, samples, scale, varies, layout)
        chips = chips.replace(traits=chips.traits.replace(converters=around))
    if params.bus.delta_top is None or params.bus.delta_range is not None:
        return chips
    heard = _listen(design, tau, params, chips, samples, scale, varies, layout)
    return chips.replace(traits=chips.traits.replace(delta_range=HEADROOM * heard))


@partial(jax.jit, static_argnums=(0, 1, 6, 7))
def _look(
    design: Design,
    tau: Tau,
    params: ChipParams,
    chips: Chip,
    samples: Sample,
    scale: Leaf,
    varies: tuple[bool, ...],
    layout: Layout,
) -> Converters:
    def one(params: ChipParams, chip: Chip, shared: Any) -> Converters:
        samples, scale = shared
        shown = order(chip.key, jnp.zeros((), jnp.int32), tau.update // tau.sample, len(samples.y))
        x = samples.x[shown].astype(jnp.float32) * scale
        theta = effective(params.network, weights(chip))
        ranges = observed_ranges(design.network, theta, x)
        wider = jax.tree.map(lambda largest: ARRAY_HEADROOM * largest, ranges)
        return converters(params.network, wider)

    return over_members(one, varies, params, chips, (samples, scale), layout)


@partial(jax.jit, static_argnums=(0, 1, 6, 7))
def _listen(
    design: Design,
    tau: Tau,
    params: ChipParams,
    chips: Chip,
    samples: Sample,
    scale: Leaf,
    varies: tuple[bool, ...],
    layout: Layout,
) -> Leaf:
    shown = tau.update // tau.sample

    def mean_delta(params: ChipParams, chip: Chip, shared: Any) -> Leaf:
        samples, scale = shared
        # The meter is heard in full resolution, and what the windows write is thrown away.
        analog = params.replace(bus=params.bus.replace(delta_top=None))
        indices = order(chip.key, jnp.zeros((), jnp.int32), WINDOWS * shown, len(samples.y))

        def one(window_index):
            number, index = window_index
            x = samples.x[index].astype(jnp.float32) * scale
            sample = Sample(x, samples.y[index])
            return window(design, tau, analog, chip, number, sample)[1].delta_cost

        return jnp.mean(jax.lax.map(one, (jnp.arange(WINDOWS), indices.reshape(WINDOWS, shown))))

    return over_members(mean_delta, varies, params, chips, (samples, scale), layout)
