"""What a run is: every option of the command line and every key of a configuration file."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec
import tyro

from neuromgd import names
from neuromgd.numbers import (
    CODE_NUMBERS,
    NETWORK_NUMBERS,
    RULE_NUMBERS,
    TASK_NUMBERS,
    Bits,
    Natural,
    NonNegative,
    Number,
    Positive,
    Share,
)
from neuromgd.options.device import IDEAL_CELL, DeviceConfig
from neuromgd.options.tracking import TrackingConfig
from neuromgd.options.transfer import TransferConfig
from neuromgd.preset import preset

if TYPE_CHECKING:
    CodeName: TypeAlias = str
    CostName: TypeAlias = str
    EngineName: TypeAlias = str
    MetricName: TypeAlias = str
    NetworkName: TypeAlias = str
    ReferenceName: TypeAlias = str
    RuleName: TypeAlias = str
    TaskName: TypeAlias = str
else:
    CodeName = Literal[tuple(names.CODES)]
    CostName = Literal[tuple(names.COSTS)]
    EngineName = Literal[tuple(names.ENGINES)]
    MetricName = Literal[tuple(names.METRICS)]
    NetworkName = Literal[tuple(names.NETWORKS)]
    ReferenceName = Literal[tuple(names.REFERENCES)]
    RuleName = Literal[tuple(names.RULES)]
    TaskName = Literal[tuple(names.TASKS)]

_WIDTHS = tyro.constructors.PrimitiveConstructorSpec(
    nargs=1,
    metavar="128,64",
    instance_from_str=lambda args: tuple(int(width) for width in args[0].split(",") if width),
    is_instance=lambda value: isinstance(value, tuple),
    str_from_instance=lambda widths: [",".join(map(str, widths))],
)
Widths = Annotated[tuple[Natural, ...], msgspec.Meta(max_length=512), _WIDTHS]


def _help(number: Number) -> str:
    """Returns the help of a number that some members of a family take."""
    return f"{number.text}; of {', '.join(number.of)}, default {number.default:g}."


def _struct(name: str, declared: Mapping[str, Number]) -> Any:
    """Returns a structure of numbers of single members; None: the default of the member."""
    fields = [
        (name, Annotated[number.kind | None, tyro.conf.arg(help=_help(number))], None)
        for name, number in declared.items()
    ]
    return msgspec.defstruct(name, fields, kw_only=True, frozen=True)


if TYPE_CHECKING:
    CodeNumbers = NetworkNumbers = RuleNumbers = TaskNumbers = msgspec.Struct
else:
    CodeNumbers = _struct("CodeNumbers", CODE_NUMBERS)
    NetworkNumbers = _struct("NetworkNumbers", NETWORK_NUMBERS)
    RuleNumbers = _struct("RuleNumbers", RULE_NUMBERS)
    TaskNumbers = _struct("TaskNumbers", TASK_NUMBERS)


class NetworkConfig(NetworkNumbers, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """The forward pass."""

    model: Annotated[NetworkName | None, tyro.conf.arg(aliases=["--model"])] = None
    """What the arrays compute: dense layers (perceptron), convolutions (cnn, vgg), a state over
    the times of a sequence (rnn, state_space), spikes (spiking) or attention (transformer); the
    task has a default."""
    hidden: Annotated[Widths | None, tyro.conf.arg(aliases=["--hidden"])] = None
    """Widths of the hidden layers, up to 512 of them; network or task have a default. Of cnn: the
    channels; of rnn and state_space: the state, then its readout; of transformer: the block, its
    inner layer, the readout."""
    activation: Literal["relu", "tanh", "sigmoid"] | None = None
    """Activation of the hidden layers; network or task have a default."""
    output_activation: Literal["linear", "sigmoid", "tanh"] | None = None
    """Activation of the last layer; the task has a default."""
    initial_weights: Literal["lecun", "he", "uniform"] | None = None
    """Distribution of the first weights; the task has a default."""
    weight_scale: Positive | None = None
    """Weight of the network that one weight unit of a cell stands for; the task has a default."""
    cost: CostName | None = None
    """Cost of one sample; the task has a default."""


class ArrayConfig(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """The periphery of every array of weights: converters and noise."""

    dac_bits: Bits | None = None
    """Resolution of what drives an array [bit]; None: what the platform has, or no converter."""
    dac_range: Positive | None = None
    """Its full scale [input units]; None: every array sets its own on one batch, with room to grow
    by its bits."""
    dac_is_unipolar: bool = False
    """Whether its codes begin at zero: all of them are for inputs that are never negative, and what
    is becomes 0."""
    adc_bits: Bits | None = None
    """Resolution of what is read from an array [bit]; None: what the platform has, or none."""
    adc_range: Positive | None = None
    """Its full scale [output units]; None: every array sets its own on one batch, with room to grow
    by its bits."""
    adc_gain_spread: NonNegative | None = None
    """σ of the gain of the converter behind every column [1]."""
    adc_offset_spread: NonNegative | None = None
    """σ of its offset [LSB]."""
    adc_nonlinearity: float | None = None
    """Integral nonlinearity of every one in the middle of its scale, a bow [LSB]."""
    output_noise: NonNegative | None = None
    """σ of fresh noise on every output of an array [output units]."""
    activation_defects: NonNegative | None = None
    """Spread of gain, slope, shift and offset of every neuron's activation [1]."""
    centre_windows: Annotated[float, msgspec.Meta(ge=1)] | None = None
    """Time constant of the low-pass by which every row of an array subtracts the mean of what
    drives it [windows]; where neurons are kicked, it makes estimates less noisy."""
    crosstalk: float | None = None
    """Share of its neighbours' settings that a cell takes on [1]."""
    ir_drop: NonNegative | None = None
    """Resistance of the wire from one cell to the next [Ω]; it acts on what every cell conducts."""
    bias_bits: Annotated[int, msgspec.Meta(ge=2, le=24)] | None = None
    """Resolution of digital registers that keep the biases, every write exact [bit]; None:
    biases have memory cells as weights have."""
    bias_range: Positive | None = None
    """Their full scale [w.u.]; default 1."""
    read_voltage: Positive | None = None
    """Voltage at which an array is read by a full-scale input: that of the converter in front, or 1
    without one [V]; None: the device sheet's."""
    conduction_voltage: Positive | None = None
    """V0 of cells that draw G·V0 sinh(V/V0) at a voltage V [V]; None: the device sheet's, or ohmic
    cells."""
    cell_conductance: Positive | None = None
    """Conductance of 1 w.u., which ir_drop acts on [S]; None: the device sheet's."""


class LearningConfig(RuleNumbers, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """How an estimate becomes a requested write."""

    rate: Annotated[Positive | None, tyro.conf.arg(aliases=["--eta"])] = None
    """Learning rate η [w.u.²/cost]; task and rule have a default."""
    rates: str | None = None
    """A rate for each array, in the order of the forward pass (0.2,0.02,0.02); 0 for one that is
    frozen [w.u.²/cost]."""
    mode: str = "weight"
    """What is kicked: every weight (weight), what comes out of every array (node), or one word for
    each array (wp,np,frozen): a frozen one is read, but neither kicked nor written. delta for the
    last one (wp,wp,delta): its synapses learn by the errors of the outputs. analog: every weight,
    in continuous time: no C0 is read, and weights move at every timestep."""
    rule: RuleName = "sgd"
    """What turns an estimate into a request."""
    memory_bits: Annotated[int, msgspec.Meta(ge=2, le=24)] | None = None
    """Resolution of what the rule keeps beside a synapse [bit]; needs a memory_range."""
    memory_range: Positive | None = None
    """Where a mean of estimates, and the root of a mean of their squares, saturates [cost/w.u.]."""
    schedule: Literal["constant", "inverse", "cosine", "linear", "exponential"] = "cosine"
    """How η falls: inverse is η/(1 + decay·epoch), the others reach η·final at the end."""
    decay: NonNegative | None = None
    """Of the inverse schedule [1/epoch]; default 0.1."""
    final: Positive | None = None
    """Last η over first η of the cosine, linear and exponential schedules [1]; default 0.01."""
    step_normalisation: Literal["length", "array", "none"] = "length"
    """length: the mean update is η‖∇C‖ long whatever the size of network and window; array: every
    array counts its own kicks alone."""


class SynapseConfig(CodeNumbers, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """The learning circuit beside every memory cell."""

    code: CodeName = "rademacher"
    """Pattern that tells synapses apart: a coin for each (rademacher), one for its row times one
    for its column (product) or a sum of such (low_rank), a row of a Hadamard matrix (walsh), one
    synapse at a time (sequential), a few (sparse), a frequency for each (sinusoidal), or bits of a
    shift register (lfsr)."""
    in_turn: bool = False
    """Kick one array of the network at a time, in turn."""
    antithetic: bool = False
    """Follow every pattern of kicks by its opposite, in the next perturbation."""
    amplitude_of: Literal["code", "kick"] = "code"
    """What an amplitude is: the root mean square of a synapse's kicks, the same power for every
    code; or the largest of them, with which a sequential code kicks the one synapse."""
    amplitude: Annotated[Positive | None, tyro.conf.arg(aliases=["--amplitude"])] = None
    """Perturbation amplitude Δθ [w.u.]; None: the task's, or more if an ADC behind the arrays is so
    coarse that it would not see that."""
    gate: Literal["none", "post", "pre", "pre,post"] = "none"
    """post: a neuron, or the weights of its column, are kicked only where it is on, and synapses
    keep 0 where it is off; rectifiers (relu) have such a gate, other neurons none. pre: a synapse
    keeps 0 of its kick where its input is 0. pre,post: both."""
    amplitudes: str | None = None
    """An amplitude for each array, in the order of the forward pass (1e-3,0.1,0.1): of its weights
    [w.u.], or of its neurons [output units]; 0 for one that is frozen, or has the delta rule."""
    node_amplitude: Positive | None = None
    """Amplitude of the kicks of neurons, behind an array [output units]; the task has a default."""
    amplitude_spread: NonNegative | None = preset(0.1)
    """Spread between synapses of the amplitude that is applied [1]."""
    amplitude_asymmetry_spread: NonNegative | None = None
    """Spread of a: the kicks of a synapse are +Δθ(1+a) and −Δθ(1−a) [1]."""
    perturbation_element: Literal["volatile", "cell"] = "volatile"
    """What is kicked: an element beside the memory cell, or the cell, by writing it and back."""
    storage_flip_rate: Share | None = None
    """Chance that a synapse remembers its perturbation with the wrong sign [1]."""
    storage_noise: NonNegative | None = None
    """Noise of what a synapse remembers, fresh for every perturbation [Δθ]."""
    storage_bits: Bits | None = None
    """Resolution of what it remembers [bit]; needs a storage_range."""
    storage_range: Positive | None = None
    """Full scale of that [Δθ]."""
    multiplier_gain_spread: NonNegative | None = None
    """Spread between synapses of the gain of ΔC·θ̃ [1]."""
    multiplier_offset_spread: NonNegative | None = None
    """Spread between synapses of what every product adds to the estimate [cost/w.u.]."""
    accumulator_bits: Annotated[int, msgspec.Meta(ge=2, le=24)] | None = None
    """Resolution of the sum of the products [bit]; needs an accumulator_range."""
    accumulator_range: Positive | None = None
    """Where that sum saturates [cost/w.u.]."""
    accumulator_rounding: Literal["stochastic", "nearest"] = "stochastic"
    """How the sum is rounded to that resolution."""
    accumulator_leak: Share | None = None
    """Share of the sum that is lost in every timestep [1]."""
    residue: bool = False
    """Keep what was asked for and not written, and ask for whole pulses of nominal size from the
    write_threshold of the device on; a second value beside every memory cell."""
    residue_bits: Annotated[int, msgspec.Meta(ge=2, le=24)] | None = None
    """Resolution of the residue [bit]; needs a residue_range."""
    residue_range: Positive | None = None
    """Where the residue saturates [w.u.]."""
    residue_rounding: Literal["stochastic", "nearest"] = "stochastic"
    """How the residue is rounded to that resolution."""
    residue_leak: Share | None = None
    """Share of the residue that is lost in every timestep [1]."""
    residue_noise: NonNegative | None = None
    """σ of what the residue takes on in every window [w.u.]."""
    write_share: Share | None = None
    """Share of the requests of an array, the largest ones, that is written in a window [1]."""
    rows_per_write: Natural | None = None
    """Rows of every array that are written in a window, in turn; None: all of them."""
    stored_perturbations: Natural | None = None
    """Perturbations that a synapse remembers while ΔC is late; None: as many as the delay needs."""


class BusConfig(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """The cost meter and the broadcast."""

    reference: ReferenceName = "two_pass"
    """When the reference cost is read: every timestep, once a sample or write, or two-sided."""
    broadcast: Literal["perturbation", "timestep"] = "perturbation"
    """When ΔC is sent; in continuous time always."""
    high_pass: Positive | None = None
    """Time constant τ_hp of the high-pass that the cost passes in place of C0, in continuous time
    (learning.mode = analog) [timesteps]; default 4."""
    pass_order: Literal["alternate", "block"] = "alternate"
    """Whether the two passes of a held perturbation alternate sample by sample, or run as two
    blocks: the same numbers, another time."""
    cost_difference: Literal["finite", "exact"] = "finite"
    """finite: C − C0, as hardware does; exact: its limit Δθ → 0."""
    cost_gain: Positive | None = None
    """What every reading of the cost is wrong by, as a factor [1]."""
    cost_offset: float | None = None
    """What every reading of the cost is too high by [cost]; cancels in ΔC."""
    cost_bits: Bits | None = None
    """Resolution of the converter of every reading of the cost [bit]; needs a cost_range."""
    cost_range: Positive | None = None
    """Its full scale [cost]."""
    deadband: NonNegative | None = None
    """|ΔC| below which nothing is broadcast [cost]."""
    broadcast_noise: NonNegative | None = None
    """σ of fresh noise on the wire, one draw a broadcast [cost]."""
    reception_gain_spread: NonNegative | None = None
    """Spread between synapses of the gain of their receivers [1]."""
    reception_noise: NonNegative | None = None
    """σ of fresh noise in every receiver at every broadcast [cost]."""
    drop_rate: Share | None = None
    """Chance that a broadcast is missed [1]."""
    drop_scope: Literal["synapse", "chip"] = "synapse"
    """Who misses it: each synapse by itself, or the whole chip."""
    delay: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Timesteps from sending a ΔC to its arrival."""
    delta_clip: Positive | None = None
    """Largest |ΔC| that is sent, in running deviations of ΔC itself [1]; the rest is clipped."""
    delta_clip_windows: Annotated[float, msgspec.Meta(ge=1)] | None = None
    """Time constant of that running deviation [windows]; default 100."""
    cost_noise: NonNegative | None = preset(1e-3)
    """σ_C of every reading of the cost [cost]; a ΔC is the mean of many, see delta_cost_noise in
    the summary."""
    delta_bits: Bits | None = preset(8)
    """Resolution of the ΔC converter [bit]; 1 sends the sign alone; None: no converter."""
    delta_range: Positive | None = None
    """Full scale of that converter [cost]; None: every chip sets its own before it learns, by what
    it hears and the number of codes."""


class Config(TaskNumbers, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Trains chips and writes a run folder."""

    task: TaskName = "digits"
    """What is learnt."""
    metric: MetricName | None = None
    """What is measured on the test set; the task has a default."""
    data_dir: str | None = None
    """Folder with the data of the task; the environment variable NEUROMGD_DATA is the other way."""
    chips: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 8
    """How many chips are trained at once, each with its own traits and noise; up to 1,000,000."""
    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**32)] = 0
    """Of all random numbers."""
    generator: Literal["philox", "threefry"] = "philox"
    """Random generator; threefry is JAX's own, slower here."""
    ideal: bool = False
    """Start from an ideal chip: an effect is absent unless it is given, whatever the default chip
    has."""

    batch: Natural | None = None
    """Samples before a write, under one perturbation: τ_x = 1, τ_p = τ_θ = batch. Where neurons
    are kicked every sample has its own: τ_p = 1."""
    tau_sample: Natural | None = None
    """τ_x: timesteps that a sample stays."""
    tau_perturbation: Natural | None = None
    """τ_p: timesteps that a perturbation stays."""
    tau_update: Natural | None = None
    """τ_θ: timesteps between writes; in continuous time that of the low-pass in every synapse."""
    steps: Natural | None = None
    """Length of the run in timesteps."""
    windows: Natural | None = None
    """Length of the run in windows of τ_θ timesteps."""
    epochs: Positive | None = None
    """Length of the run in passes through the training set."""

    stop_at: float | None = None
    """Value of the metric, mean over chips, at which a run ends before its length; looked at after
    every row of the history."""

    platform: str | None = None
    """Platform sheet, by name or path: fills in time and energy on the hardware."""
    replicas: Natural | None = None
    """Copies of each matrix on that platform, that share its uses in a pass; None: one."""
    fit: Literal["refuse", "reload", "larger"] | None = None
    """What becomes of a network that needs more arrays than that platform has; None: refuse. reload
    takes its arrays in turn, with their writes in every pass; larger is a chip that has them."""
    engine: EngineName = "window"
    """What makes the chips learn. window: all timesteps of a window at once; step: one after the
    other (slow, the same); backprop: see baseline; instrument: a chip of your
    own, given in Python."""
    kernel: Literal["plain", "pallas"] = "plain"
    """How dense passes run: on arrays of kicked weights, or in tiles that draw their own signs
    (on a GPU; where the code is rademacher and kicks are beside the cells)."""
    log_every: Natural | None = None
    """Windows between two rows of the history; default: 100 rows a run."""
    shard_arrays: bool = False
    """Cut every array of one large chip into parts, one on each device that JAX has."""
    memory: Positive | None = None
    """Memory of each device that a run may take, with all its chips, programs, records and data, as
    far as shapes tell it [GB]; a sweep that needs more runs in portions. None: what there is."""
    baseline: Literal["backprop"] | None = None
    """Train the same network by backpropagation instead, for comparison."""
    out: str | None = None
    """Run folder; default: runs/TASK-TIME."""

    network: NetworkConfig = NetworkConfig()
    array: ArrayConfig = ArrayConfig()
    learning: LearningConfig = LearningConfig()
    synapse: SynapseConfig = SynapseConfig()
    device: DeviceConfig = DeviceConfig()
    bus: BusConfig = BusConfig()
    transfer: TransferConfig = TransferConfig()
    tracking: TrackingConfig = TrackingConfig()

    def __post_init__(self) -> None:
        """Takes the name of a device sheet for a memory cell that is that sheet's."""
        if isinstance(self.device, str):
            msgspec.structs.force_setattr(self, "device", DeviceConfig(sheet=self.device))


# A chip without any non-ideality: what is absent is absent from the compiled program.
IDEAL = Config(
    ideal=True,
    synapse=SynapseConfig(amplitude_spread=None),
    device=IDEAL_CELL,
    bus=BusConfig(cost_noise=None, delta_bits=None),
)
