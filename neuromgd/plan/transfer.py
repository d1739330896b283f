"""From options to the slow cells beside those that learn."""

import jax.numpy as jnp

from neuromgd.chip.two_cells import Transfer, TransferParams
from neuromgd.device.telegraph import has_traps
from neuromgd.errors import InputError
from neuromgd.options.transfer import TransferConfig, slow_options
from neuromgd.plan.memory_cell import MemoryCell, cell_of, uniform_read_noise
from neuromgd.typing import Leaf

# What stands if nothing is said.
GAIN, SHARE = 1.0, 1.0


def slow_cell(config: TransferConfig) -> MemoryCell | None:
    """Returns the slow cell of every weight; None: it has none.

    Raises:
        InputError: If its sheet cannot be used, or a fast cell that keeps would turn the weight.
    """
    if config.every is None:
        return None
    if config.inversion and config.keep and gain(config) > 0:
        raise InputError(
            "option transfer.inversion: with transfer.keep it would turn the part of the weight"
            " that fast cells keep; allowed with transfer.gain = 0"
        )
    return cell_of(slow_options(config))


def gain(config: TransferConfig) -> float:
    """Returns what a fast cell counts in the weight [1]."""
    return GAIN if config.gain is None else config.gain


def transfer(config: TransferConfig, slow: MemoryCell | None) -> Transfer | None:
    """Returns when and how fast cells are read into slow ones; None: there are none."""
    if config.every is None or slow is None:
        return None
    return Transfer(
        every=config.every,
        law=slow.law,
        is_pair=slow.is_pair,
        rows=config.rows,
        is_verified=config.verified,
        has_inversion=config.inversion,
        keeps=config.keep,
    )


def transfer_params(config: TransferConfig, slow: MemoryCell | None) -> TransferParams | None:
    """Returns how good the slow cells are; None: there are none."""
    if slow is None:
        return None
    share = SHARE if config.share is None else config.share
    leaf = lambda value: jnp.asarray(value, jnp.float32)
    return TransferParams(device=slow.params, gain=leaf(gain(config)), share=leaf(share))


def both_read_noises(
    config: TransferConfig, cell: MemoryCell, slow: MemoryCell | None, weight_scale: float
) -> Leaf | None:
    """Returns the σ of a reading of a weight that all of them share [network weight], or None."""
    fast = uniform_read_noise(cell, weight_scale)
    if slow is None:
        return fast
    kept = uniform_read_noise(slow, weight_scale)
    fast = None if fast is None else fast * gain(config)
    if fast is None or kept is None:
        return kept if fast is None else fast
    return jnp.hypot(fast, kept)


def refuse_common_noise(*cells: MemoryCell) -> None:
    """Raises InputError if what two readings have in common is not told apart for two cells."""
    for one in cells:
        kinds = {
            "1/f noise (flicker_noise)": one.params.flicker_noise is not None,
            "telegraph noise": has_traps(one.params),
        }
        for kind, is_there in kinds.items():
            if is_there:
                raise InputError(
                    f"option transfer.every: {kind} is not told for two cells a weight; take cells"
                    " without it"
                )
