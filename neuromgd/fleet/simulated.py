"""Many chips at once: one compiled program advances all of them by a chunk of windows."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import Mesh
from jaxtyping import Array, Int, Key

from neuromgd.chip.chip import Chip, fabricate, weights
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.guard import EVERY, SOUND, heaviest
from neuromgd.chip.machine import Machine
from neuromgd.chip.record import Record
from neuromgd.chip.window import window, window_by_steps
from neuromgd.data.drifting import drifted
from neuromgd.data.sample import Sample
from neuromgd.data.stream import order
from neuromgd.fleet.backprop import window_by_backprop
from neuromgd.fleet.layout import ONE_DEVICE, Layout
from neuromgd.fleet.members import Each, over_groups, over_members
from neuromgd.typing import Leaf

# How one window of one chip is computed.
WINDOWS = {"window": window, "step": window_by_steps, "backprop": window_by_backprop}


def looked(records: Record, chip: Chip, filling: Leaf, place: Int[Array, ""]) -> Record:
    """Returns the records with what a look at a chip tells after one of their windows."""
    weight, array = heaviest(weights(chip))
    seen = {"weight": weight, "array": array, "filling": filling}
    return records.replace(
        **{name: getattr(records, name).at[place].set(one) for name, one in seen.items()}
    )


@partial(jax.jit, static_argnums=(0, 3, 4))
def fabricate_all(
    design: Design,
    params: ChipParams,
    keys: Key[Array, " chips"],
    varies: tuple[bool, ...] = (),
    mesh: Mesh | None = None,
) -> Chip:
    """Makes one chip for every key, along a leading axis."""

    def make(params: ChipParams, key: Key[Array, ""], _: None) -> Chip:
        # Fabrication knows no time; circuits at rest would fill memory between windows.
        chip = fabricate(Machine(design, params, Tau(1, 1, 1)), key)
        return chip if design.mode.carries else chip.replace(synapse=None)

    return over_members(make, varies, params, keys, None, Layout(len(keys), mesh))


@partial(jax.jit, static_argnums=(0, 1, 2, 3, 10, 11), donate_argnames="chips")
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
    scale: Leaf | None,
    varies: tuple[bool, ...] = (),
    layout: Layout = ONE_DEVICE,
) -> tuple[Chip, Record]:
    """Advances every chip by up to ``length`` windows.

    Args:
        design: What is built.
        tau: Hold times [timesteps].
        engine: A name in ``WINDOWS``.
        length: Windows in the compiled program.
        params: How good the technology is.
        chips: Chips along a leading axis.
        first: Number of the first window.
        last: Number of the window to stop before; the rest of the chunk is left out.
        samples: (samples, …) the training set as stored.
        scale: () what a stored input is multiplied by; None: tokens.
        varies: Which leaves of ``params`` differ between chips, see ``over_members``.
        layout: Where they run.

    Returns:
        The chips after, and a (length, chips) record.
    """
    shown = tau.update // tau.sample

    def some(each: Each, chips: Chip, shared: Any) -> tuple[Chip, Record]:
        first, last, samples, scale = shared

        def ordered(_: ChipParams, chip: Chip) -> Int[Array, "windows shown"]:
            shuffled = order(chip.key, first * shown, length * shown, len(samples.y))
            return shuffled.reshape(length, shown)

        indices = each(ordered, chips)

        def body(place: Int[Array, ""], state: tuple[Chip, Record, Leaf]):
            def one(params: ChipParams, chip: Chip, records: Record, indices: Array):
                index = indices[place]
                stored = Sample(samples.x[index], samples.y[index])
                sample = drifted(params.drifting, stored, scale, first + place)
                machine = Machine(design, params, tau)
                chip, record = WINDOWS[engine](machine, chip, first + place, sample)
                cost = records.cost.at[place].set(record.cost)
                delta = records.delta_cost.at[place].set(record.delta_cost)
                filling = SOUND if record.filling is None else record.filling
                records = records.replace(cost=cost, delta_cost=delta)
                return chip, records, jnp.asarray(filling, jnp.int32)

            chips, records, _ = state
            return each(one, chips, records, indices)

        def up_to_a_look(number: Int[Array, ""], state: tuple[Chip, Record]):
            start = jnp.maximum(number * EVERY - first, 0)
            stop = jnp.minimum((number + 1) * EVERY - first, windows)
            chips, records, filling = jax.lax.fori_loop(start, stop, body, (*state, none[:, 0]))
            look = lambda _, records, chip, filling: looked(records, chip, filling, stop - 1)
            return chips, each(look, records, chips, filling)

        shape = len(chips.key), length
        nothing, none = jnp.zeros(shape, jnp.float32), jnp.zeros(shape, jnp.int32)
        records = Record(cost=nothing, delta_cost=nothing, weight=nothing, array=none, filling=none)
        windows = jnp.minimum(last - first, length)
        begin, end = first // EVERY, (first + windows + EVERY - 1) // EVERY
        return jax.lax.fori_loop(begin, end, up_to_a_look, (chips, records))

    shared = first, last, samples, scale
    chips, records = over_groups(some, varies, params, chips, shared, layout)
    return chips, jax.tree.map(jnp.transpose, records)
