"""Many chips at once: one compiled program advances all of them by a chunk of windows."""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Key

from neuromgd.chip.chip import Chip, fabricate
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.record import Record
from neuromgd.chip.window import window, window_by_steps
from neuromgd.data.sample import Sample
from neuromgd.data.stream import order
from neuromgd.study.baseline import window_by_backprop
from neuromgd.typing import Leaf

# How one window of one chip is computed.
ENGINES = {"window": window, "step": window_by_steps, "backprop": window_by_backprop}


@partial(jax.jit, static_argnums=0)
def fabricate_all(design: Design, params: ChipParams, keys: Key[Array, " chips"]) -> Chip:
    """Makes one chip for every key, along a leading axis."""
    return jax.vmap(lambda key: fabricate(design, params, key))(keys)


@partial(jax.jit, static_argnums=(0, 1, 2, 3), donate_argnames="chips")
def advance(
    design: Design,
    tau: Tau,
    engine: str,
    length: int,
    params: ChipParams,
    chips: Chip,
    first: Int[Array, ""],
    last: Int[Array, ""],
    samples: Sample,
    scale: Leaf,
) -> tuple[Chip, Record]:
    """Advances every chip by up to ``length`` windows.

    Args:
        design: What is built.
        tau: Hold times [timesteps].
        engine: A name in ``ENGINES``.
        length: Windows in the compiled program.
        params: How good the technology is.
        chips: Chips along a leading axis.
        first: Number of the first window.
        last: Number of the window to stop before; the rest of the chunk is left out.
        samples: (samples, …) the training set as stored.
        scale: () what a stored input is multiplied by.

    Returns:
        The chips after, and a (length, chips) record.
    """
    shown = tau.update // tau.sample
    orders = jax.vmap(lambda key: order(key, first * shown, length * shown, len(samples.y)))
    indices = orders(chips.key).reshape(-1, length, shown).swapaxes(0, 1)

    def one(number: Int[Array, ""], chip: Chip, index: Int[Array, " shown"]):
        x = samples.x[index].astype(jnp.float32) * scale
        return ENGINES[engine](design, tau, params, chip, number, Sample(x, samples.y[index]))

    def body(place: Int[Array, ""], state: tuple[Chip, Record]) -> tuple[Chip, Record]:
        chips, records = state
        at_window = partial(one, first + place)
        chips, record = jax.vmap(at_window)(chips, indices[place])
        return chips, jax.tree.map(lambda all, now: all.at[place].set(now), records, record)

    nothing = jnp.zeros((length, len(chips.key)), jnp.float32)
    records = Record(cost=nothing, delta_cost=nothing)
    return jax.lax.fori_loop(0, jnp.minimum(last - first, length), body, (chips, records))
