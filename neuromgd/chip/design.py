"""What is built: the choices that are fixed when a chip is laid out, and its parameters."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import optax
from flax import struct
from jaxtyping import Array, Int

from neuromgd.bus.costs import COSTS
from neuromgd.bus.costs.cost import Cost
from neuromgd.bus.meter import BusParams
from neuromgd.bus.references import REFERENCES
from neuromgd.bus.references.high_pass import HIGH_PASS
from neuromgd.bus.references.reference import Reference
from neuromgd.chip.mode import MODES, Mode
from neuromgd.chip.two_cells import Transfer, TransferParams
from neuromgd.data.drifting import Drifting
from neuromgd.device.laws import LAWS
from neuromgd.device.laws.law import Law
from neuromgd.device.params import DeviceParams
from neuromgd.network.network import Network
from neuromgd.network.params import NetworkParams
from neuromgd.synapse.codes import CODES
from neuromgd.synapse.codes.code import Code
from neuromgd.synapse.rules import rule
from neuromgd.synapse.rules.rule import Rule
from neuromgd.synapse.state import SynapseParams
from neuromgd.typing import Leaf
from neuromgd.words import (
    Broadcast,
    CostDifference,
    Gate,
    Kernel,
    PerturbationElement,
    Rounding,
    StepNormalisation,
    Word,
)

CONSTANT = optax.constant_schedule(1.0)
PLAIN_DESCENT = rule("sgd")

_WORDS: dict[str, type[Word]] = {
    "broadcast": Broadcast,
    "step_normalisation": StepNormalisation,
    "cost_difference": CostDifference,
    "pulse_rounding": Rounding,
    "accumulator_rounding": Rounding,
    "residue_rounding": Rounding,
    "perturbation_element": PerturbationElement,
    "gate": Gate,
    "kernel": Kernel,
}


class Tau(NamedTuple):
    """What changes when, in timesteps: Python integers, or traced ones for ``step``.

    Attributes:
        sample: τ_x, the sample changes every τ_x timesteps.
        perturbation: τ_p, the perturbation changes every τ_p timesteps.
        update: τ_θ, weights are written every τ_θ timesteps.
    """

    sample: int
    perturbation: int
    update: int


class OtherCells(NamedTuple):
    """Arrays whose cells are of another technology; how good they are is for ``ChipParams``.

    Attributes:
        paths: Of their modules.
        law: How the cells move when pulsed.
        is_pair: Whether every weight is half the difference of two.
    """

    paths: tuple[tuple[str, ...], ...]
    law: Law
    is_pair: bool


@dataclass(frozen=True)
class Design:
    """What is built; static and hashable, it decides which program is compiled.

    Attributes:
        network: Forward pass.
        cost: (output, target) -> scalar.
        mode: How synapses learn from one scalar.
        code: How synapses are told apart.
        law: How cells move when pulsed.
        reference: Against which reading a perturbed cost is held; of a mode in continuous time,
            its own past.
        rule: learning rate -> the optax transformation that turns Ĝ into a request.
        schedule: window number -> factor on the learning rate.
        broadcast: ``perturbation`` (one ΔC each) or ``timestep``, as continuous time has it.
        step_normalisation: ``length``, ``array`` or ``none``.
        cost_difference: ``finite`` (hardware) or ``exact`` (its limit Δθ → 0).
        pulse_rounding: ``stochastic`` or ``nearest``.
        accumulator_rounding: ``stochastic`` or ``nearest``.
        has_residue: Whether a synapse keeps what it could not write, and writes whole pulses.
        rows_per_write: Rows of every array that are written in a window, in turn; None: all.
        residue_rounding: ``stochastic`` or ``nearest``.
        perturbation_element: ``volatile``, a kick beside the cell, or ``cell``: it is written.
        gate: ``none``; ``post``: nothing is kicked where a neuron is off; ``pre``: a synapse keeps
            nothing of its kick where its input is 0; ``pre,post``: both.
        delay: Timesteps from sending a ΔC to its arrival.
        stored_perturbations: How many a synapse remembers; None: as many as the delay needs.
        kernel: ``plain``, or ``pallas`` (``interpret`` on a CPU) for dense passes in tiles.
        is_pair: Whether every weight is half the difference of two cells.
        transfer: When and how what these cells learn is carried to slow ones; None: never.
        other_cells: Arrays whose cells are of another technology than those of ``law``.
        frozen: Paths of the modules whose arrays are read, but neither kicked nor written.
    """

    network: Network
    cost: Cost = COSTS["cross_entropy"]
    mode: Mode = field(default_factory=lambda: MODES["weight"])  # its file needs this one
    code: Code = CODES["rademacher"]
    law: Law = LAWS["linear"]
    reference: Reference = REFERENCES["two_pass"]
    rule: Rule = PLAIN_DESCENT
    schedule: Callable[[Int[Array, ""]], Any] = CONSTANT
    broadcast: Broadcast | str = Broadcast.PERTURBATION
    step_normalisation: StepNormalisation | str = StepNormalisation.LENGTH
    cost_difference: CostDifference | str = CostDifference.FINITE
    pulse_rounding: Rounding | str = Rounding.STOCHASTIC
    accumulator_rounding: Rounding | str = Rounding.STOCHASTIC
    has_residue: bool = False
    rows_per_write: int | None = None
    residue_rounding: Rounding | str = Rounding.STOCHASTIC
    perturbation_element: PerturbationElement | str = PerturbationElement.VOLATILE
    gate: Gate | str = Gate.NONE
    delay: int = 0
    stored_perturbations: int | None = None
    kernel: Kernel | str = Kernel.PLAIN
    is_pair: bool = False
    transfer: Transfer | None = None
    other_cells: tuple[OtherCells, ...] = ()
    frozen: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        """Makes words of strings, an unknown one raises InputError; continuous time has no C0."""
        for name, word in _WORDS.items():
            object.__setattr__(self, name, word(getattr(self, name)))
        if self.mode.is_continuous:
            object.__setattr__(self, "reference", HIGH_PASS)
            object.__setattr__(self, "broadcast", Broadcast.TIMESTEP)


class ChipParams(struct.PyTreeNode, kw_only=True):
    """How good the technology is: traced numbers, None for an effect that is absent.

    Attributes:
        synapse: Of the learning circuits.
        device: Of the memory cells.
        other_devices: Of those of each of ``Design.other_cells``.
        biases: Of the registers that biases are kept in; None: they have cells as weights have.
        seconds_per_timestep: () what drift and leak advance by [s]; None: time stands still.
        warming: () what the temperature changes by in a window [K]; None: it stays.
        bus: Of the cost meter and the broadcast.
        network: Of the periphery of the arrays.
        transfer: Of the slow cells beside those that learn; None: there are none.
        drifting: What drifts by a schedule while the chip learns; None: all stands still.
    """

    synapse: SynapseParams
    device: DeviceParams = DeviceParams()
    other_devices: tuple[DeviceParams, ...] = ()
    biases: DeviceParams | None = None
    seconds_per_timestep: Leaf | None = None
    warming: Leaf | None = None
    bus: BusParams = BusParams()
    network: NetworkParams = NetworkParams()
    transfer: TransferParams | None = None
    drifting: Drifting | None = None
