"""Another device for another array: a sheet for each, in the order of first calls."""

from typing import NamedTuple

import jax

from neuromgd.chip.design import OtherCells
from neuromgd.errors import InputError
from neuromgd.network.network import Network
from neuromgd.network.nodes import IN_STACK, Nodes, nodes
from neuromgd.options.cell import sheets_of, with_sheet
from neuromgd.options.config import Config
from neuromgd.plan.memory_cell import MemoryCell, cell_of

_OPTION = "device.sheet"


class Cells(NamedTuple):
    """The memory cells of a chip.

    Attributes:
        first: Those of the first array, and of all that have no others.
        others: Those of other arrays.
        paths: Of the modules of each of the others.
    """

    first: MemoryCell
    others: tuple[MemoryCell, ...] = ()
    paths: tuple[tuple[tuple[str, ...], ...], ...] = ()

    @property
    def every(self) -> tuple[MemoryCell, ...]:
        """All technologies."""
        return (self.first, *self.others)

    @property
    def placed(self) -> tuple[OtherCells, ...]:
        """Where the others are."""
        each = zip(self.paths, self.others, strict=True)
        return tuple(OtherCells(paths, cell.law, cell.is_pair) for paths, cell in each)


def cells_of(config: Config, network: Network) -> Cells:
    """Returns the cells of every array.

    Raises:
        InputError: If a sheet cannot be used, or they are not as many as arrays.
    """
    sheets = sheets_of(config.device)
    if len(sheets) == 1:
        return Cells(cell_of(config.device))
    arrays = _arrays(network, len(sheets))
    of_sheet: dict[str | None, list[tuple[str, ...]]] = {}
    for one, sheet in zip(arrays, sheets, strict=True):
        of_sheet.setdefault(sheet, []).append(one.path)
    _refuse_shared(arrays, sheets)
    cells = [cell_of(with_sheet(config.device, sheet)) for sheet in of_sheet]
    paths = [tuple(dict.fromkeys(some)) for some in of_sheet.values()]
    return Cells(cells[0], tuple(cells[1:]), tuple(paths[1:]))


def _arrays(network: Network, count: int) -> tuple[Nodes, ...]:
    if network.inputs is None:
        raise InputError("network: to name its arrays, it has to tell the shape of its inputs")
    arrays = nodes(network)
    if len(arrays) != count:
        named = ", ".join(one.name for one in arrays)
        raise InputError(
            f"option {_OPTION}: gives {count} sheets, the network has {len(arrays)} arrays: {named}"
        )
    paths = {one.path for one in arrays}
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    for path, _ in jax.tree_util.tree_leaves_with_path(theta):
        words = tuple(str(getattr(key, "key", key)) for key in path)
        if words[:-1] not in paths:
            raise InputError(
                f"option {_OPTION}: the weights {'/'.join(words)} lie in no array; give one sheet"
            )
    return arrays


def _refuse_shared(arrays: tuple[Nodes, ...], sheets: tuple[str | None, ...]) -> None:
    known: dict[tuple[str, ...], str | None] = {}
    for one, sheet in zip(arrays, sheets, strict=True):
        if one.unfit == IN_STACK or known.setdefault(one.path, sheet) != sheet:
            raise InputError(
                f"option {_OPTION}: the weights of {one.name} are used by several arrays; give one"
                " sheet"
            )
