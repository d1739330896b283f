"""What a platform sheet holds: times and energies of an accelerator, each with its source."""

from fractions import Fraction
from typing import Annotated, Literal

import msgspec

from neuromgd import units

Basis = Literal["measured", "published", "modelled", "derived", "assumed", "unknown"]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Extent = Annotated[int, msgspec.Meta(ge=1, le=16_384)]
Bits = Annotated[int, msgspec.Meta(ge=1, le=32)]
Text = Annotated[str, msgspec.Meta(min_length=1)]

# Everything that may take time. An absent key means that the platform has no such part.
TIMES = {
    "paper_clock": "one perturbation, as the clock of the MGD papers counts it",
    "load": "a sample into the input register",
    "send": "host to chip, every pass",
    "settle": "the whole network, every pass",
    "input": "digital to analog conversion of the inputs of a layer",
    "read": "one read of an array: a slice, or the whole product",
    "convert": "one analog to digital conversion",
    "cycle": "one clock cycle of a cycle-counted layer",
    "integrate": "one integration step",
    "adc_step": "one step of the converter in the neuron",
    "phase_gap": "the gap after an input phase",
    "split_add": "one level of the adder tree over row splits",
    "post": "what follows the last conversion of a layer",
    "activation": "the activation function of a layer",
    "receive": "chip to host, every pass",
    "host": "the host's share of every pass",
    "cost": "outputs to cost",
    "subtract": "C - C0",
    "broadcast": "delta cost to all synapses",
    "wire": "a millimetre of broadcast wire",
    "repeater": "one branching level of the broadcast tree",
    "router": "one router of a mesh",
    "link": "one link between neighbours of a mesh",
    "accumulate": "delta cost times perturbation, added in every synapse",
    "perturb": "a new perturbation in every synapse",
    "switch": "the perturbation put on the weights, or taken off",
    "write": "one write pulse, row or transfer: see the write mode",
    "hop": "one word over a link between chips",
}

# Times that are those of a whole part, with a resource of its own.
PARTS = (
    "load", "send", "settle", "receive", "host", "cost", "subtract", "broadcast", "accumulate",
    "perturb", "switch", "write", "hop",
)  # fmt: skip

# Parts without which a chip infers but does not train.
TRAINING = ("perturb", "broadcast", "write")

# Everything that may burn energy, each time it happens.
ENERGIES = {
    "load": "one sample",
    "send": "one transfer",
    "settle": "one pass through the whole network",
    "input": "one input conversion",
    "read": "one read of one array",
    "operation": "one multiply-accumulate",
    "row_drive": "one row driven in one slice",
    "cell_read": "one cell read in one slice",
    "convert": "one analog to digital conversion",
    "split_add": "one addition over row splits",
    "post": "one neuron after its last conversion",
    "activation": "one neuron",
    "receive": "one transfer",
    "host": "one pass",
    "cost": "one cost",
    "subtract": "one difference",
    "broadcast": "one word to all synapses",
    "wire": "one bit over a millimetre of broadcast wire",
    "router": "one word through one router",
    "accumulate": "one synapse",
    "perturb": "one synapse",
    "switch": "one synapse",
    "write": "one cell and pulse, or one transfer: see the write mode",
    "hop": "one word over a link between chips",
}


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number of a sheet, with what it spans and where it comes from.

    Attributes:
        value: The number in ``unit``; absent if and only if the basis is ``unknown``.
        low: The smallest value that its sources allow.
        high: The largest value that its sources allow.
        spans: From which event to which event it runs, or what is counted once.
        deviation: Standard deviation between repetitions, where the time of a part is random.
        per: What it grows with: inputs or outputs of the network, its synapses, the levels of a
            binary fan-out to them, the arrays or tiles that it needs, or the bits of a word that
            is sent; absent: it is taken as it is.
        size: For how many of these the numbers hold.
        fixed: Their share that does not grow, such as a latency, in ``unit``.
    """

    unit: str
    spans: Text
    basis: Basis
    source: Text
    value: int | float | None = None
    low: int | float | None = None
    high: int | float | None = None
    deviation: int | float | None = None
    per: Literal["input", "output", "synapse", "level", "array", "tile", "bit"] | None = None
    size: Count | None = None
    fixed: int | float = 0

    def exact(self, which: str = "value") -> Fraction | None:
        """Returns value, low or high in SI, exactly as written; an absent end is the value."""
        number = getattr(self, which)
        number = self.value if number is None else number
        return None if number is None else Fraction(str(number)) * units.unit(self.unit).value


class Array(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The array of cells and how a layer is read from it.

    Attributes:
        form: ``whole`` (the network settles at once), ``single`` (one number a layer),
            ``bit_serial`` (slices through shared converters), ``cycles`` (slices + 2 cycles),
            ``integrate`` (steps by input phase and converter bit).
        rows_per_weight: Rows that one weight takes (2 for a differential pair of rows).
        columns_per_weight: Columns that one weight takes (its bit slices).
        slices: Input slices of one product.
        count: Arrays of the chip; absent if nobody says.
        per_tile: Arrays of a tile, for what a tile has once.
        adcs: Converters of one array.
        pool: Converters shared by all arrays of a layer, in place of ``adcs``.
        overlap: Whether a slice is read while the one before is converted.
        input_phases: Magnitude bits of each input phase, for ``integrate``.
        adc_steps: Converter steps of one product, for ``integrate``.
    """

    form: Literal["whole", "single", "bit_serial", "cycles", "integrate"]
    rows: Extent
    columns: Extent
    basis: Basis
    source: Text
    rows_per_weight: Bits = 1
    columns_per_weight: Bits = 1
    dac_bits: Bits | None = None
    adc_bits: Bits | None = None
    slices: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    count: Count | None = None
    per_tile: Count | None = None
    adcs: Extent = 1
    pool: Extent | None = None
    overlap: Literal["self_timed", "clocked", "none"] = "none"
    input_phases: tuple[Annotated[int, msgspec.Meta(ge=1, le=16)], ...] = ()
    adc_steps: Annotated[int, msgspec.Meta(ge=0, le=256)] = 0


class Broadcast(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the one scalar reaches all synapses.

    Attributes:
        topology: ``direct`` (one given time), ``bus`` (a comb), ``htree``, ``tree`` (binary
            splitters), ``mesh`` of tiles, ``tile_then_row``, ``graph`` (given edges).
        word_bits: Width of the broadcast word [bit].
        leaves: Ends of the splitter tree; absent means one for each synapse.
        pitch: Distance between synapses.
        edges: (from, to, length in mm) of each wire, for ``graph``; the root is ``meter``.
    """

    topology: Literal["direct", "bus", "htree", "tree", "mesh", "tile_then_row", "graph"]
    word_bits: Bits
    basis: Basis
    source: Text
    leaves: Count | None = None
    pitch: Entry | None = None
    edges: tuple[tuple[Text, Text, int | float], ...] = ()


class Verify(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Program and verify: how many pulses a cell needs, geometric up to a largest count."""

    mean: Annotated[float, msgspec.Meta(ge=1, le=1000)]
    maximum: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    basis: Basis
    source: Text


class Write(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How an array is written.

    Attributes:
        mode: ``transfer`` (one time for all weights), ``array_parallel``, ``row_parallel``,
            ``cell_serial`` or ``program_verify`` (row by row, each row as slow as its slowest
            cell). Arrays write side by side.
        pulses: Pulses of each cell.
        at_once: Cells of a row that are written at once, for ``row_parallel``; absent: all.
        skips: What is passed over where nothing is to be written: ``none``, ``cells`` (they take no
            pulse), or ``rows`` (without any such cell; they take no time either).
        verify: Distribution of the pulse count, for ``program_verify``.
    """

    mode: Literal["transfer", "array_parallel", "row_parallel", "cell_serial", "program_verify"]
    basis: Basis
    source: Text
    pulses: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    verify: Verify | None = None
    at_once: Extent | None = None
    skips: Literal["none", "cells", "rows"] = "none"


class Links(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How several chips add their cost changes: a tree, a ring, or a star with one hub port.

    Attributes:
        word_bits: Width of the word that goes over a link; absent: that of the broadcast [bit].
    """

    topology: Literal["tree", "ring", "star"]
    basis: Basis
    source: Text
    arbitration: Literal["fixed", "fifo", "priority"] = "fixed"
    word_bits: Bits | None = None


class Shared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One resource that several parts must share."""

    name: Text
    members: tuple[Text, ...]
    arbitration: Literal["fixed", "fifo", "priority"] = "fixed"


class Platform(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The timing and energy sheet of an accelerator.

    Attributes:
        format: Of the sheet.
        devices: Device sheets of its technology: training takes its cells from one of these where
            ``--device`` names it.
        adc: The chosen one of ``adcs``.
        adcs: Named sources for the energy of one conversion.
        powers: Static powers, of a chip, or of each array or tile with ``per`` and ``size = 1``.
        areas: Areas of parts, likewise.
        power_limit: What a chip can be cooled of.
        factors: Pure numbers that multiply all energies, such as cooling.
        within: Training parts without a time of their own -> the time that spans them.
        tick: The grain of time.
    """

    format: Literal[1] = 1
    name: Text
    title: Text
    array: Array
    times: dict[str, Entry]
    not_modelled: tuple[str, ...]
    devices: tuple[Text, ...] = ()
    energies: dict[str, Entry] = {}
    powers: dict[str, Entry] = {}
    areas: dict[str, Entry] = {}
    power_limit: Entry | None = None
    factors: dict[str, Entry] = {}
    adcs: dict[str, Entry] = {}
    adc: str | None = None
    broadcast: Broadcast | None = None
    write: Write | None = None
    links: Links | None = None
    shared: tuple[Shared, ...] = ()
    within: dict[str, str] = {}
    tick: str = "1 fs"

    @property
    def absent(self) -> tuple[str, ...]:
        """What training needs and the sheet does not have: perturb, broadcast, write."""
        has = {
            "perturb": not {"perturb", "switch", "paper_clock"}.isdisjoint(self.times),
            "broadcast": self.broadcast is not None,
            "write": self.write is not None,
        }
        return tuple(part for part in has if not has[part] and part not in self.within)

    @property
    def dac_bits(self) -> int | None:
        """Bits of an input of a layer, over all its slices [bit]; None where none are converted."""
        bits = self.array.dac_bits
        return None if bits is None else bits * self.array.slices

    @property
    def adc_bits(self) -> int | None:
        """Bits of one output conversion [bit], or None where nothing is converted."""
        return self.array.adc_bits
