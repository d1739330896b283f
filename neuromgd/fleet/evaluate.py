"""How well a chip does on samples that it does not learn from."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from neuromgd.chip.chip import Chip, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.passes import read_out
from neuromgd.data.sample import Sample
from neuromgd.fleet.layout import ONE_DEVICE, Layout
from neuromgd.fleet.members import over_members
from neuromgd.randomness import Stream, stream
from neuromgd.typing import Leaf

BATCH = 1000


def is_right(outputs: Float[Array, "samples outputs"], y: Array) -> Bool[Array, " samples"]:
    """Tells which samples are classified right: the largest output, or a single one against ½."""
    if outputs.shape[1] == 1:
        return (outputs[:, 0] > 0.5) == (y > 0)
    return jnp.argmax(outputs, axis=1).astype(y.dtype) == y


def accuracy(
    design: Design,
    params: ChipParams,
    chips: Chip,
    samples: Sample,
    scale: Leaf,
    varies: tuple[bool, ...] = (),
    layout: Layout = ONE_DEVICE,
) -> Float[Array, " chips"]:
    """Returns the (chips,) share of samples that every chip classifies right.

    Args:
        design: What is built.
        params: How good the technology is.
        chips: Chips along a leading axis.
        samples: (samples, …) as stored.
        scale: () what a stored input is multiplied by.
        varies: Which leaves of ``params`` differ between chips, see ``over_members``.
        layout: Where they are.
    """
    numbered = jnp.arange(len(samples.y)), samples

    def right(params: ChipParams, chip: Chip, shared: Any) -> Float[Array, ""]:
        numbered, scale = shared
        theta = weights(chip)

        def one(numbered: tuple[Int[Array, ""], Sample]) -> Float[Array, "1"]:
            number, sample = numbered
            x = sample.x[None].astype(jnp.float32) * scale
            key = stream(chip.key, Stream.TEST, number)[None]
            outputs = read_out(Machine(design, params, Tau(1, 1, 1)), chip, theta, x, key)
            return is_right(outputs, sample.y[None]).astype(jnp.float32)

        # Batches keep the activations of a large test set out of memory.
        return jnp.mean(jax.lax.map(one, numbered, batch_size=min(BATCH, len(numbered[0]))))

    return over_members(right, varies, params, chips, (numbered, scale), layout)
