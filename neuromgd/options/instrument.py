"""What of a configuration makes no sense where the chip is an instrument, not a simulation."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from neuromgd.errors import InputError
from neuromgd.options.device import IDEAL_CELL

if TYPE_CHECKING:
    from neuromgd.options.config import Config

# Numbers of circuits that sit on the chip itself; the host stands for the others.
_ON_CHIP = ("amplitude_spread", "amplitude_asymmetry_spread")


def refuse_simulated(config: "Config", where: str) -> None:
    """Raises InputError if an instrument is asked for an effect that only a simulation has."""
    named = ", ".join(_simulated(config))
    if named:
        raise InputError(
            f"{where} {named}: only a simulated chip has it to order, an instrument has its own"
        )
    for name in ("platform", "memory"):
        if getattr(config, name) is not None:
            raise InputError(f"{where} {name}: is about simulated chips, not an instrument")


def _simulated(config: "Config") -> Iterator[str]:
    for name in config.array.__struct_fields__:
        if getattr(config.array, name) not in (None, False):
            yield f"array.{name}"
    for name in config.device.__struct_fields__:
        if getattr(config.device, name) != getattr(IDEAL_CELL, name):
            yield f"device.{name}"
    for name in _ON_CHIP:
        if getattr(config.synapse, name) is not None:
            yield f"synapse.{name}"
    if config.synapse.gate != "none":
        yield "synapse.gate"
    if config.synapse.residue:
        yield "synapse.residue"
    if config.synapse.perturbation_element == "cell":
        yield "synapse.perturbation_element"
    if config.bus.cost_difference == "exact":
        yield "bus.cost_difference"
    if config.kernel != "plain":
        yield "kernel"
