"""Where an ensemble runs: how many chips side by side, and on which devices of which processes."""

from typing import Any, NamedTuple, TypeVar

import jax
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from neuromgd.fleet.memory import of_machine

T = TypeVar("T")

# Names of the axis of all devices: each has some of the chips, or a part of every array of one.
MEMBERS, CELLS = "members", "cells"

# Bytes of state, kick and temporary arrays that one synapse of a chip takes while it runs, measured
# on 10⁷ of them with pulsed cells, and the share of a device's memory that an ensemble may take.
BYTES_PER_SYNAPSE = 48
MEMORY_SHARE = 0.5
# Bytes that Python, JAX and the compiler at work take beside the arrays: 0.72 to 0.78 GB in four
# runs; and the least share of the memory that is left for arrays.
PROCESS, LEAST_SHARE = 0.75e9, 0.1
# Bytes of weights up to which chips run side by side on a CPU: small networks gain by it; large
# ones take as long one after the other, in less memory.
CACHE = 2**18


class Layout(NamedTuple):
    """Where chips run.

    Attributes:
        at_once: Chips that run side by side on one device; such groups run one after the other.
        mesh: All devices of all processes, along ``MEMBERS`` or ``CELLS``; None: one device.
    """

    at_once: int = 1
    mesh: Mesh | None = None

    @property
    def has_members_apart(self) -> bool:
        """Whether every device has chips of its own."""
        return self.mesh is not None and self.mesh.axis_names == (MEMBERS,)

    def places(self, members: int) -> int:
        """Returns the places for members: as many on every device. The last ones may be spare."""
        if self.mesh is None or not self.has_members_apart:
            return members
        return -(-members // self.mesh.size) * self.mesh.size

    def apart(self) -> NamedSharding | None:
        """Returns the sharding of arrays with a leading axis of places; None: one device."""
        if self.mesh is None:
            return None
        return NamedSharding(
            self.mesh, PartitionSpec(*self.mesh.axis_names * self.has_members_apart)
        )

    def dealt(self, array: Any) -> jax.Array:
        """Returns an array with a leading axis of places, each on the device of its chip."""
        return jax.device_put(array, self.apart())

    def everywhere(self, tree: T) -> T:
        """Returns a pytree of arrays, the same in all processes, whole on every device."""
        if self.mesh is None:
            return tree
        return jax.device_put(tree, NamedSharding(self.mesh, PartitionSpec()))


ONE_DEVICE = Layout()


def devices(axis: str, most: int | None = None) -> Mesh:
    """Returns all devices along one axis: of all processes, or at most so many of the only one."""
    known = jax.devices()
    if most is not None and jax.process_count() == 1:
        known = known[:most]
    return jax.make_mesh((len(known),), (axis,), axis_types=(AxisType.Auto,), devices=known)


def layout(synapses: int, members: int, is_cut: bool, memory: float | None = None) -> Layout:
    """Returns where chips run.

    Args:
        synapses: Of one chip.
        members: Number of chips.
        is_cut: Whether every array is cut into parts.
        memory: Bytes of each device that is no processor that they may take; None: half of what
            there is.
    """
    if is_cut:
        return Layout(1, devices(CELLS))
    if jax.default_backend() == "cpu":
        fit = CACHE // (4 * synapses)
    else:
        fit = int((memory or MEMORY_SHARE * memory_there()) // (BYTES_PER_SYNAPSE * synapses))
    has_several = jax.device_count() > 1 and (members > 1 or jax.process_count() > 1)
    return Layout(max(1, fit), devices(MEMBERS, members) if has_several else None)


def memory_there() -> float:
    """Returns the memory for arrays of one device [byte]: its own, or a share of the machine's."""
    told: dict[str, Any] = jax.local_devices()[0].memory_stats() or {}
    if "bytes_limit" in told:
        return told["bytes_limit"]
    there = of_machine()
    return max(there - PROCESS, LEAST_SHARE * there) / jax.local_device_count()
