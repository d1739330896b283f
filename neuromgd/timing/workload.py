"""What is to be timed: the network's shape, how long the run is and what changes when."""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from neuromgd.errors import InputError
from neuromgd.timing.products import Products, dense

# The largest network of dense layers whose time is told.
MOST_LAYERS, WIDEST = 512, 10**9

# The longest hold whose passes run as two blocks: a block is laid out pass by pass [timestep].
LONGEST_BLOCK = 10_000


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A training run, as the clock sees it: shapes and counts, no numbers of the network.

    Attributes:
        layers: Sizes of all dense layers, inputs first; None: it is another ``network``.
        steps: Length of the run [timestep].
        tau_sample: Timesteps that a sample is held.
        tau_perturbation: Timesteps that a perturbation is held.
        tau_update: Timesteps from write to write; the window.
        broadcast: ``perturbation`` (once at the end of each) or ``timestep``.
        pass_order: With a held perturbation the two passes ``alternate`` sample by sample, or run
            as two blocks (``block``).
        chips: Chips that learn in lockstep and share one cost change.
        network: What a sample asks of the arrays, where layers are not all dense.
        fit: What becomes of a network that needs more arrays than the chip has: ``refuse``,
            ``reload`` (arrays are used in turn and written anew for it) or ``larger`` (a chip that
            has them).
        activity: Share of the inputs of an array that drive their row, for the energies of rows
            and cells.
        replicas: Copies of each matrix that a sample uses so often; they share its uses.
        kicked: Kicks of a perturbation, of synapses or of neurons, on average; None: one for every
            synapse.
        learning: Synapses that learn; None: all.
        by_error: Synapses of these that hear no broadcast, but learn by the errors of outputs in
            every pass without a kick.
        frozen: Numbers of the matrices that are never written.
        rows_per_write: Rows of a layer that are written in a window, in turn; None: all.
        write_share: Share of its cells that are.
        writes_per_window: Writes that a cell had in a window, on average, as a finished run has
            counted them; None: nobody has.
        transfer_every: Windows between two transfers from cells that learn to slow ones; None: all
            weights have one cell.
        transfer_rows: Rows of a layer that are transferred at a time, in turn; None: all.
        transfer_reads: Readings of a row in a transfer.
        transfer_writes: Writes of its cells.
    """

    layers: tuple[int, ...] | None = None
    steps: int
    tau_sample: int = 1
    tau_perturbation: int = 1
    tau_update: int = 1
    broadcast: str = "perturbation"
    pass_order: str = "alternate"
    chips: int = 1
    kicked: int | float | None = None
    learning: int | None = None
    by_error: int = 0
    frozen: tuple[int, ...] = ()
    rows_per_write: int | None = None
    write_share: float = 1.0
    writes_per_window: float | None = None
    transfer_every: int | None = None
    transfer_rows: int | None = None
    transfer_reads: int = 1
    transfer_writes: int = 2
    network: Products | None = None
    replicas: int = 1
    fit: str = "refuse"
    activity: float = 1.0

    def __post_init__(self):
        refuse_layers(self.layers, self.network)
        for name in (
            "steps", "tau_sample", "tau_perturbation", "tau_update", "chips", "replicas",
        ):  # fmt: skip
            if getattr(self, name) < 1:
                raise InputError(f"{name}: read {getattr(self, name)}, allowed is 1 or more")
        for name in ("rows_per_write", "transfer_every", "transfer_rows"):
            if getattr(self, name) is not None and getattr(self, name) < 1:
                raise InputError(f"{name}: read {getattr(self, name)}, allowed is 1 or more")
        for name in ("transfer_reads", "transfer_writes"):
            if getattr(self, name) < 0:
                raise InputError(f"{name}: read {getattr(self, name)}, allowed is 0 or more")
        if self.writes_per_window is not None and not 0 <= self.writes_per_window < math.inf:
            raise InputError(
                f"writes_per_window: read {self.writes_per_window}, allowed is 0 or more"
            )
        if not 0 <= self.by_error <= (self.synapses if self.learning is None else self.learning):
            raise InputError(f"by_error: read {self.by_error}, allowed are the synapses that learn")
        for name in ("write_share", "activity"):
            if not 0 < getattr(self, name) <= 1:
                raise InputError(f"{name}: read {getattr(self, name)}, allowed is above 0 to 1")
        if self.fit not in ("refuse", "reload", "larger"):
            raise InputError(f"fit: read {self.fit!r}, allowed are 'refuse', 'reload' and 'larger'")
        if self.broadcast not in ("perturbation", "timestep"):
            raise InputError(
                f"broadcast: read {self.broadcast!r}, allowed are 'perturbation' and 'timestep'"
            )
        if self.pass_order not in ("alternate", "block"):
            raise InputError(
                f"pass_order: read {self.pass_order!r}, allowed are 'alternate' and 'block'"
            )
        if self.pass_order == "block" and self.tau_perturbation > LONGEST_BLOCK:
            raise InputError(
                f"tau_perturbation: read {self.tau_perturbation}, allowed with pass_order 'block' "
                f"are 1 to {LONGEST_BLOCK}"
            )
        if not self.writes_late and self.tau_update != 1:
            raise InputError(
                f"tau_update: read {self.tau_update}, allowed is a multiple of tau_perturbation "
                f"({self.tau_perturbation})"
            )
        if not _one_divides(self.tau_update, self.tau_sample):
            raise InputError(
                f"tau_sample: read {self.tau_sample}, allowed is a divisor or a multiple of "
                f"tau_update ({self.tau_update})"
            )
        if self.pass_order == "block" and not _one_divides(self.tau_sample, self.tau_perturbation):
            raise InputError(
                f"tau_sample: read {self.tau_sample}, allowed with pass_order 'block' is a divisor "
                f"or a multiple of tau_perturbation ({self.tau_perturbation})"
            )

    @cached_property
    def products(self) -> Products:
        """What a sample asks of the arrays."""
        if self.network is not None:
            return self.network
        assert self.layers is not None, "one of both was checked to be there"
        return dense(self.layers)

    @cached_property
    def copies(self) -> tuple[int, ...]:
        """Copies of every matrix: as many as are wanted, but no more than it has uses at a time."""
        most = [1] * len(self.products.matrices)
        for stage, _ in self.products.stages:
            for one in stage.products:
                most[one.matrix] = max(most[one.matrix], min(self.replicas, one.calls))
        return tuple(most)

    @property
    def writes_late(self) -> bool:
        """Whether no write comes while a kick is on; else there is one at every timestep."""
        return self.tau_update % self.tau_perturbation == 0

    @property
    def tau_transfer(self) -> int | None:
        """Timesteps between two transfers; None: there are none."""
        return None if self.transfer_every is None else self.transfer_every * self.tau_update

    @property
    def synapses(self) -> int:
        """Parameters of the network, weights and biases."""
        return self.products.parameters

    @property
    def listeners(self) -> int:
        """Synapses that learn by what is broadcast."""
        return (self.synapses if self.learning is None else self.learning) - self.by_error

    @property
    def copied(self) -> int:
        """Weights in copies, beside those of the network itself."""
        return sum(
            (copies - 1) * one.rows * one.columns * one.apart
            for copies, one in zip(self.copies, self.products.matrices, strict=True)
        )

    @property
    def kicks(self) -> Fraction | int:
        """Kicks that are set for a perturbation; a copy of a weight is kicked with it."""
        if self.kicked is None:
            return self.synapses + self.copied
        return Fraction(self.kicked).limit_denominator(10**6)


def refuse_layers(layers: tuple[int, ...] | None, network: Products | None) -> None:
    """Refuses a network that is given twice or not at all, or whose layers are out of range.

    Raises:
        InputError: Naming what was read and what is allowed.
    """
    if (layers is None) == (network is None):
        raise InputError("layers, network: one of both says what a sample asks of the arrays")
    if layers is None:
        return
    if len(layers) < 2 or min(layers) < 1:
        raise InputError(f"layers: read {layers}, allowed are two or more sizes above 0")
    if len(layers) > MOST_LAYERS or max(layers) > WIDEST:
        raise InputError(
            f"layers: read {len(layers)} with up to {max(layers)} units, allowed are "
            f"{MOST_LAYERS} of {WIDEST} units at most"
        )


def _one_divides(one: int, other: int) -> bool:
    return one % other == 0 or other % one == 0
