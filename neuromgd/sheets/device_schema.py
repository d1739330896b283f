"""What a device sheet holds: every number of a memory cell with its unit, basis and source."""

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import msgspec

from neuromgd import names

Text = Annotated[str, msgspec.Meta(min_length=1)]
Basis = Literal["measured", "fitted", "derived", "assumed"]
# Pulse responses, and "program_verify" for cells that only known levels can be written to.
if TYPE_CHECKING:
    LawName: TypeAlias = str
else:
    LawName = Literal[(*names.LAWS, "program_verify")]


class Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A table of the sheet; keys that it does not know are refused."""


class Source(Part, kw_only=True, frozen=True):
    """A publication or a published data set, which may have no year of its own."""

    authors: Text
    title: Text
    venue: Text
    year: Annotated[int, msgspec.Meta(ge=1900, le=2100)] | None = None
    doi: Annotated[str, msgspec.Meta(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    url: Annotated[str, msgspec.Meta(pattern=r"^https://\S+$")] | None = None


class Quantity(Part, kw_only=True, frozen=True):
    """A number, or the coefficients of a polynomial, as the source gives it."""

    value: float | list[float]
    unit: str
    basis: Basis
    where: Text


class Chosen(Part, kw_only=True, frozen=True):
    """A word for what the source means, and where it says so."""

    value: Text
    where: Text


class Range(Part, kw_only=True, frozen=True):
    """Between which values the source's model holds; outside, the sheet is not used."""

    low: float
    high: float
    unit: str
    where: Text


class Tables(Part, kw_only=True, frozen=True):
    """Measured pulse responses, one file for each device: conductance change against CDF and G."""

    up: Annotated[list[Text], msgspec.Meta(min_length=1)]
    down: Annotated[list[Text], msgspec.Meta(min_length=1)]
    unit: Text
    basis: Basis
    where: Text


class DeviceSheet(Part, kw_only=True, frozen=True):
    """One memory cell technology as one source describes it.

    Attributes:
        format: Of the sheet.
        name: Of the sheet, as its file.
        technology: Material and principle.
        law: How the cell moves when it is pulsed.
        not_modelled: ``effect: why`` for each effect that the source does not give.
        source: Who made and measured the device.
        read_in: Where the numbers were read, if not in ``source``.
        quantities: Name -> number; the names are those of ``quantities.KINDS``.
        choices: Name -> word; the names are those of ``CELL_CHOICES``.
        valid: Name -> range that is enforced.
        tables: Of the ``lookup`` law.
    """

    format: Literal[1] = 1
    name: Text
    technology: Text
    law: LawName
    not_modelled: list[Text]
    source: Source
    read_in: Source | None = None
    quantities: dict[str, Quantity] = {}
    choices: dict[str, Chosen] = {}
    valid: dict[str, Range] = {}
    tables: Tables | None = None
