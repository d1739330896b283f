"""How well a chip does on samples that it does not learn from."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.passes import read_out
from neuromgd.data.metrics.metric import Metric
from neuromgd.data.sample import Sample
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
    scale: Leaf,
    varies: tuple[bool, ...] = (),
    layout: Layout = ONE_DEVICE,
) -> Float[Array, " chips"]:
    """Returns the (chips,) values of a metric.

    Args:
        design: What is built.
        metric: What is measured.
        params: How good the technology is.
        chips: Chips along a leading axis.
        samples: (samples, …) as stored.
        scale: () what a stored input is multiplied by.
        varies: Which leaves of ``params`` differ between chips, see ``over_members``.
        layout: Where they are.
    """
    numbered = jnp.arange(len(samples.y)), samples

    def of_chip(params: ChipParams, chip: Chip, shared: Any) -> Float[Array, ""]:
        numbered, scale = shared
        theta = weights(chip)

        def one(numbered: tuple[Int[Array, ""], Sample]) -> Float[Array, ""]:
            number, sample = numbered
            x = sample.x[None].astype(jnp.float32) * scale
            key = stream(chip.key, Stream.TEST, number)[None]
            outputs = read_out(Machine(design, params, Tau(1, 1, 1)), chip, theta, x, key)
            return metric.of_sample(outputs[0], sample.y)

        # Batches keep the activations of a large test set out of memory.
        every = jax.lax.map(one, numbered, batch_size=min(BATCH, len(numbered[0])))
        return metric.reduced(jnp.mean(every), numbered[1].y)

    return over_members(of_chip, varies, params, chips, (numbered, scale), layout)
