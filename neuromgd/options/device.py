"""The options of the memory cell: every number of its model, and the sheet they stand over."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec
import tyro

from neuromgd import names
from neuromgd.cell_choices import CELL_CHOICES
from neuromgd.cell_numbers import CELL_NUMBERS
from neuromgd.numbers import Number, Positive
from neuromgd.preset import preset

if TYPE_CHECKING:
    LawName: TypeAlias = str
else:
    LawName = Literal[tuple(names.LAWS)]


class DeviceChoices(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What of a memory cell is no number of its model."""

    sheet: Annotated[str | None, tyro.conf.arg(aliases=["--device"])] = None
    """Device sheet, by name or path: all numbers of one published technology. Or one for each
    array, by commas in the order of the forward pass (A,B,B); ideal for an array without one."""
    law: LawName | None = None
    """How a cell moves when it is pulsed; None: as the sheet says, or linear."""
    pulse_rounding: Literal["stochastic", "nearest"] = "stochastic"
    """How a requested change becomes whole pulses."""
    is_pair: bool | None = None
    """Whether every weight is half the difference of two cells; None: where cells have one sign."""
    seconds_per_timestep: Positive | None = None
    """Time that a timestep takes, for drift, leak and 1/f noise [s]; None: the platform's."""
    temperature_end: Positive | None = None
    """At the end of the run [K]; the temperature goes there in a straight line."""


# A list of coefficients is a sheet's alone.
OPTIONS = {name: number for name, number in CELL_NUMBERS.items() if not number.is_polynomial}


def _help(number: Number) -> str:
    laws = f"; of the law {' or '.join(number.of)}" if number.of else ""
    return f"{number.text}{laws}."


_DOC = "The memory cell; what is not given is the sheet's, or absent.\n\n    Attributes:" + "".join(
    f"\n        {name}: {text}"
    for name, text in {
        **{name: _help(number) for name, number in OPTIONS.items()},
        **{name: f"{choice.text}." for name, choice in CELL_CHOICES.items()},
    }.items()
)

if TYPE_CHECKING:

    class DeviceConfig(DeviceChoices, frozen=True):
        """Every number of ``OPTIONS`` and word of ``CELL_CHOICES`` is an attribute, or None."""

        def __init__(self, **numbers: object): ...
        def __getattr__(self, name: str) -> Any: ...

else:
    DeviceConfig = msgspec.defstruct(
        "DeviceConfig",
        [
            (
                name,
                Annotated[number.kind | None, tyro.conf.arg(help=_help(number))],
                None if number.default is None else preset(number.default),
            )
            for name, number in OPTIONS.items()
        ]
        + [
            (
                name,
                Annotated[
                    Literal[tuple(str(word) for word in choice.words)] | None,
                    tyro.conf.arg(
                        help=f"{choice.meaning}; None: as the sheet, or {choice.default}."
                    ),
                ],
                None,
            )
            for name, choice in CELL_CHOICES.items()
        ],
        bases=(DeviceChoices,),
        namespace={"__doc__": _DOC},
        module=__name__,
        kw_only=True,
        forbid_unknown_fields=True,
        frozen=True,
    )


# A cell without any effect, and what stands under a sheet.
IDEAL_CELL = DeviceConfig(**dict.fromkeys(OPTIONS))
