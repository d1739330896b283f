"""How well a chip does on samples that it does not learn from."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.passes import read_out
from neuromgd.data.drifting import drifted
from neuromgd.data.metrics.metric import Metric
from neuromgd.data.sample import Sample, as_shown
from neuromgd.fleet.layout import ONE_DEVICE, Layout
from neuromgd.fleet.members import over_members
from neuromgd.randomness import Stream, stream
from neuromgd.typing import Leaf

BATCH = 1000


def score(
    design: Design,
    metric: Metric,
    params: ChipParams,
    chips: Chip,
    samples: Sample,
    scale: Leaf | None,
    varies: tuple[bool, ...] = (),
    layout: Layout = ONE_DEVICE,
    window: Int[Array, ""] | None = None,
) -> Float[Array, " chips"]:
    """Returns the (chips,) values of a metric.

    Args:
        design: What is built.
        metric: What is measured.
        params: How good the technology is.
        chips: Chips along a leading axis.
        samples: (samples, …) as stored.
        scale: () what a stored input is multiplied by; None: tokens.
        varies: Which leaves of ``params`` differ between chips, see ``over_members``.
        layout: Where they are.
        window: Whose world the samples are of; None: the one before all drift.
    """

    def of_chip(params: ChipParams, chip: Chip, shared: Any) -> Float[Array, ""]:
        samples, scale, window = shared
        if params.drifting is not None and window is not None:
            samples, scale = drifted(params.drifting, samples, scale, window), jnp.float32(1)

        def one(outputs: Float[Array, "*outputs"], number: Int[Array, ""]) -> Float[Array, ""]:
            return metric.of_sample(outputs, samples.y[number])

        every = _over_samples(Machine(design, params, Tau(1, 1, 1)), chip, samples.x, scale, one)
        return metric.reduced(jnp.mean(every), samples.y)

    return over_members(of_chip, varies, params, chips, (samples, scale, window), layout)


def predict(
    design: Design,
    params: ChipParams,
    chips: Chip,
    x: Array,
    scale: Leaf | None,
    varies: tuple[bool, ...] = (),
    layout: Layout = ONE_DEVICE,
) -> Float[Array, "chips samples *outputs"]:
    """Returns the (chips, samples, *outputs) outputs for (samples, *input) as stored.

    Takes what ``score`` takes, but for the targets.
    """

    def of_chip(params: ChipParams, chip: Chip, shared: Any) -> Float[Array, "samples *outputs"]:
        (x, scale), machine = shared, Machine(design, params, Tau(1, 1, 1))
        return _over_samples(machine, chip, x, scale, lambda outputs, number: outputs)

    return over_members(of_chip, varies, params, chips, (x, scale), layout)


def _over_samples(
    machine: Machine,
    chip: Chip,
    x: Array,
    scale: Leaf | None,
    then: Callable[[Float[Array, "*outputs"], Int[Array, ""]], Array],
) -> Array:
    """Returns, for every sample, what is made of the outputs and the number of the sample."""
    theta = weights(chip)

    def one(numbered: tuple[Int[Array, ""], Array]) -> Array:
        number, x = numbered
        key = stream(chip.key, Stream.TEST, number)[None]
        return then(read_out(machine, chip, theta, as_shown(x[None], scale), key)[0], number)

    # Batches keep the activations of a large test set out of memory.
    return jax.lax.map(one, (jnp.arange(len(x)), x), batch_size=min(BATCH, len(x)))
