"""The options of a second, slow cell beside every cell that learns."""

import msgspec

from neuromgd.numbers import Natural, NonNegative, Positive
from neuromgd.options.device import IDEAL_CELL, DeviceConfig


class TransferConfig(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Two cells a weight: that of the device learns, a slow one keeps what is transferred to it."""

    every: Natural | None = None
    """Windows between two transfers; None: every weight has one cell."""
    device: str | None = None
    """Device sheet of the slow cells, by name or path; None: ideal ones."""
    gain: NonNegative | None = None
    """g of the weight slow + g·fast [1]; default 1. 0: the fast cells do not count in it."""
    share: Positive | None = None
    """What a slow cell is asked for over what is read of the fast one [1]; default 1."""
    rows: Natural | None = None
    """Rows of every array that are transferred at a time, in turn; None: all of them."""
    verified: bool = False
    """Read the slow cells again: only what arrived is taken from the fast ones, else what was asked
    for."""
    inversion: bool = False
    """Change the sign with which a fast cell counts at every transfer, so that what it gathers by
    itself cancels."""
    keep: bool = False
    """Leave the fast cells as they are: they forget by their own pull to their symmetry point, as
    in the transfer learning of crossbars."""


def slow_options(config: TransferConfig) -> DeviceConfig:
    """Returns the options of the slow cells: their sheet, or none of the effects of a cell."""
    return msgspec.structs.replace(IDEAL_CELL, sheet=config.device)
