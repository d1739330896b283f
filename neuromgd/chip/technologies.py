"""The cells of every array: one technology for all, or some arrays with another."""

from typing import Any

import jax
from jaxtyping import Array, Int, Key

from neuromgd.chip.machine import Machine
from neuromgd.device.cell import CellState
from neuromgd.device.laws import LAWS
from neuromgd.device.params import DeviceParams
from neuromgd.device.technology import Technology, alike
from neuromgd.device.write import write_noises
from neuromgd.randomness import each
from neuromgd.typing import Arrays


def technologies(machine: Machine, arrays: Arrays) -> Arrays:
    """Returns the ``Technology`` of the cells of every array, in their places."""
    first, *others = every_technology(machine)
    if not others:
        return alike(first, arrays)
    # Registers of biases come last.
    own = {
        path: technology
        for cells, technology in zip(machine.design.other_cells, others, strict=False)
        for path in cells.paths
    }
    has_registers = machine.params.biases is not None

    def of(path: tuple, _: Array | CellState) -> Technology:
        if has_registers and is_bias(path):
            return others[-1]
        return own.get(tuple(str(getattr(key, "key", key)) for key in path[:-1]), first)

    is_cell = lambda leaf: isinstance(leaf, CellState)
    return jax.tree_util.tree_map_with_path(of, arrays, is_leaf=is_cell)


def every_technology(machine: Machine) -> list[Technology]:
    """Returns all technologies that there are.

    First is that of the arrays that are not named, last that of biases in digital registers.
    """
    design, params = machine.design, machine.params
    others = zip(design.other_cells, params.other_devices, strict=True)
    found = [
        Technology(design.law, params.device, design.is_pair),
        *(Technology(cells.law, device, cells.is_pair) for cells, device in others),
    ]
    if params.biases is not None:
        found.append(Technology(LAWS["ideal"], params.biases, False))
    return found


def every_device(machine: Machine) -> list[DeviceParams]:
    """Returns how good the cells of each technology are."""
    return [machine.params.device, *machine.params.other_devices]


def is_bias(path: tuple[Any, ...]) -> bool:
    """Tells whether a leaf of weights is one of biases: by its name."""
    return bool(path) and str(getattr(path[-1], "key", path[-1])) == "bias"


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
