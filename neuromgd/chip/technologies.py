"""The cells of every array: one technology for all, or some arrays with another."""

import jax
from jaxtyping import Array, Int, Key

from neuromgd.chip.machine import Machine
from neuromgd.device.cell import CellState
from neuromgd.device.params import DeviceParams
from neuromgd.device.technology import Technology, alike
from neuromgd.device.write import write_noises
from neuromgd.randomness import each
from neuromgd.typing import Arrays


def technologies(machine: Machine, arrays: Arrays) -> Arrays:
    """Returns the ``Technology`` of the cells of every array, in their places."""
    first, *others = every_technology(machine)
    found = alike(first, arrays)
    if not others:
        return found
    own = {
        path: technology
        for cells, technology in zip(machine.design.other_cells, others, strict=True)
        for path in cells.paths
    }

    def of(path: tuple, _: Array | CellState) -> Technology:
        return own.get(tuple(str(getattr(key, "key", key)) for key in path[:-1]), first)

    is_cell = lambda leaf: isinstance(leaf, CellState)
    return jax.tree_util.tree_map_with_path(of, arrays, is_leaf=is_cell)


def every_technology(machine: Machine) -> list[Technology]:
    """Returns all technologies that there are, first that of the arrays that are not named."""
    design, params = machine.design, machine.params
    others = zip(design.other_cells, params.other_devices, strict=True)
    return [
        Technology(design.law, params.device, design.is_pair),
        *(Technology(cells.law, device, cells.is_pair) for cells, device in others),
    ]


def every_device(machine: Machine) -> list[DeviceParams]:
    """Returns how good the cells of each technology are."""
    return [machine.params.device, *machine.params.other_devices]


def write_keys(
    key: Key[Array, ""], event: Int[Array, ""] | int, own: Arrays, arrays: Arrays
) -> Arrays:
    """Returns, for every array, the keys that ``write`` takes.

    Args:
        key: Of all writes of an event.
        event: Its number.
        own: Technology of every array.
        arrays: Pytree with one leaf for each array.
    """
    there = jax.tree.structure(arrays).flatten_up_to(own)
    every = dict.fromkeys(noise for one in there for noise in write_noises(one.params))
    drawn = [each(key, noise, event, arrays) for noise in every]

    def of(_: Array, technology: Technology, *keys: Key[Array, ""]) -> tuple[Key[Array, ""], ...]:
        by_name = dict(zip(every, keys, strict=True))
        return tuple(by_name[noise] for noise in write_noises(technology.params))

    return jax.tree.map(of, arrays, own, *drawn)
