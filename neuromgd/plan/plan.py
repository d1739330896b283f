"""From a configuration to what runs: the data, the design, the parameters and the hold times."""

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from flax import linen as nn

from neuromgd.bus.costs.cost import Cost
from neuromgd.bus.references import REFERENCES
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.frozen import learning
from neuromgd.chip.machine import Machine
from neuromgd.chip.mode import MODES, Mode
from neuromgd.data import TASKS
from neuromgd.data.dataset import Dataset, checked
from neuromgd.data.metrics.metric import Metric
from neuromgd.data.task import Source, Task
from neuromgd.device.cell import is_programmed
from neuromgd.device.laws.law import Law
from neuromgd.errors import InputError
from neuromgd.network.arrays import ARRAYS
from neuromgd.network.models import NETWORKS
from neuromgd.network.models.model import Wanted
from neuromgd.network.network import Network, from_module
from neuromgd.network.network_check import refuse_network
from neuromgd.network.params import NetworkParams
from neuromgd.network.scale import scaled
from neuromgd.network.survey import survey
from neuromgd.numbers import NETWORK_NUMBERS, RULE_NUMBERS, TASK_NUMBERS, chosen
from neuromgd.options.checks import refuse_without_effect
from neuromgd.options.config import Config, LearningConfig
from neuromgd.options.modes import CONTINUOUS, DELTA, FROZEN, words_of
from neuromgd.options.read import settled, with_platform
from neuromgd.plan.amplitudes import with_amplitudes
from neuromgd.plan.clock import clock, seconds_per_timestep
from neuromgd.plan.code import named, of_kicks
from neuromgd.plan.continuous import with_high_pass
from neuromgd.plan.delta import with_delta_rule
from neuromgd.plan.frozen import frozen
from neuromgd.plan.instrument import Instrument, listed
from neuromgd.plan.lengths import length, taus
from neuromgd.plan.memory_cell import refuse_without_time, refuse_without_writes
from neuromgd.plan.other_cells import Cells, cells_of
from neuromgd.plan.parameters import parameters
from neuromgd.plan.rates import with_rates
from neuromgd.plan.registers import refuse_without_biases
from neuromgd.plan.schedules import schedule
from neuromgd.plan.targets import refuse_outputs_beside_targets, wanted
from neuromgd.plan.tracking import drifting
from neuromgd.plan.transfer import refuse_common_noise, slow_cell, transfer
from neuromgd.synapse.codes.code import Code
from neuromgd.synapse.rules import rule
from neuromgd.synapse.rules.rule import Ready, Rule
from neuromgd.timing import Report


class Plan(NamedTuple):
    """Everything that a run needs.

    Attributes:
        task: What is learnt, with its defaults.
        data: Its samples.
        metric: What it is measured by.
        layers: Widths of all layers, input and output included; None: a user's own network.
        design: What is built; static.
        params: How good the technology is; traced.
        tau: Hold times [timesteps].
        windows: Length of the run.
        report: The clock of one chip on the platform; None: no platform.
        varies: Which leaves of ``params`` differ between the chips of a sweep; (): none.
        points: Points of the sweep; every one has all the chips.
        first_chips: Number of the first chip of every point; (): all have the same chips.
        instruments: One for each chip; (): they are simulated.
    """

    task: Task
    data: Dataset
    metric: Metric
    layers: tuple[int, ...] | None
    design: Design
    params: ChipParams
    tau: Tau
    windows: int
    report: Report | None = None
    varies: tuple[bool, ...] = ()
    points: int = 1
    first_chips: tuple[int, ...] = ()
    instruments: tuple[Instrument, ...] = ()

    @property
    def machine(self) -> Machine:
        """What every chip of the run has in common."""
        return Machine(self.design, self.params, self.tau)


class Parts(NamedTuple):
    """What a library user may bring instead of what the options name.

    Attributes:
        data: Samples; the task still gives every other default, but for cost and metric if the
            targets are values and those of the task are classes, or the other way round.
        network: A Flax linen module, or a ``Network`` of two plain functions.
        cost: (output, target) -> scalar.
        metric: What is measured on the test set.
        rule: learning rate -> optax transformation, such as ``optax.adam``; or a transformation
            that brings its own rate, such as ``optax.adam(1e-3)``.
        code: A perturbation code.
        law: An update law.
        mode: A learning mode.
        instrument: A chip that is not simulated, or a list of several: see ``Instrument``.
    """

    data: Dataset | None = None
    network: nn.Module | Network | None = None
    cost: Cost | None = None
    metric: Metric | None = None
    rule: Rule | optax.GradientTransformation | None = None
    code: Code | None = None
    law: Law | None = None
    mode: Mode | None = None
    instrument: Instrument | Sequence[Instrument] | None = None


NO_PARTS = Parts()


def plan(config: Config, parts: Parts = NO_PARTS, loaded: Dataset | None = None) -> Plan:
    """Prepares a run.

    Args:
        config: What to run.
        parts: What a library user brings.
        loaded: The data of the task where they are at hand already, or a part of them.

    Raises:
        InputError: If the data cannot be had, or the options do not fit each other.
    """
    config = settled(config)
    refuse_without_effect(with_platform(config), own=_own(parts))
    task = TASKS[config.task]
    data = _data(config, task, parts, loaded)
    cost, metric = wanted(config, task, data, parts.cost, parts.metric)
    words = words_of(config.learning.mode)
    learning_mode = parts.mode or mode(words, config.synapse.gate)
    tau = taus(config, task, learning_mode.is_continuous)
    windows = length(config, task, tau, len(data.train_x))
    layers = None
    if parts.network is None and model(config, task) == "perceptron":
        layers = (math.prod(data.inputs), *hidden(config, task, data), data.outputs)
    slow = slow_cell(config.transfer)
    windows_per_epoch = len(data.train_x) * tau.sample / tau.update
    forward = network(config, task, data, parts.network)
    cells = cells_of(config, forward)
    _refuse_idle(config, parts, cells)
    design = Design(
        network=forward,
        cost=cost,
        mode=with_delta_rule(learning_mode, words, forward, cost),
        code=named(config.synapse, parts.code),
        law=parts.law or cells.first.law,
        reference=REFERENCES[config.bus.reference],
        rule=_rule(config.learning, parts.rule),
        schedule=schedule(config.learning, windows, windows_per_epoch),
        broadcast=config.bus.broadcast,
        step_normalisation=config.learning.step_normalisation,
        cost_difference=config.bus.cost_difference,
        pulse_rounding=config.device.pulse_rounding,
        accumulator_rounding=config.synapse.accumulator_rounding,
        has_residue=config.synapse.residue,
        rows_per_write=config.synapse.rows_per_write,
        residue_rounding=config.synapse.residue_rounding,
        perturbation_element=config.synapse.perturbation_element,
        gate=config.synapse.gate,
        delay=config.bus.delay,
        stored_perturbations=config.synapse.stored_perturbations,
        kernel=kernel(config),
        is_pair=cells.first.is_pair,
        transfer=transfer(config.transfer, slow),
        other_cells=cells.placed,
        frozen=frozen(words, forward),
    )
    rows = None if layers is None else min(layers[:-1])
    params = parameters(config, task, cells, slow, windows, rows)
    if learning_mode.is_continuous:
        params = params.replace(bus=with_high_pass(params.bus))
    params = params.replace(drifting=drifting(config.tracking, data, forward))
    report = clock(config, Machine(design, params, tau), layers, windows * tau.update)
    seconds = seconds_per_timestep(config, report)
    if seconds is not None:
        params = params.replace(seconds_per_timestep=jnp.asarray(seconds, jnp.float32))
    kinds = ("weight",) if words == CONTINUOUS else words
    own_rates = with_rates(params.synapse, config.learning.rates, design.network, words)
    synapse = with_amplitudes(own_rates, config.synapse.amplitudes, design.network, kinds)
    params = params.replace(synapse=synapse)
    if config.synapse.amplitude_of == "kick":
        params = params.replace(synapse=of_kicks(Machine(design, params, tau)))
    for cell in cells.every:
        refuse_without_time(cell.params, seconds)
        own = cell._replace(law=parts.law or cell.law)
        refuse_without_writes(own, params.synapse.residue_range)
    if slow is not None:
        refuse_without_time(slow.params, seconds, "transfer.device")
        refuse_common_noise(*cells.every, slow)
    refuse_without_modules(params.network, design.network, data)
    refuse_without_biases(config.array, design.network)
    refuse_mode(Machine(design, params, tau))
    refuse_outputs_beside_targets(design.network, data)
    instruments = listed(parts.instrument)
    if instruments and parts.law:
        raise InputError("parts: a law is of simulated cells, but an instrument is given")
    return Plan(
        task, data, metric, layers, design, params, tau, windows, report, instruments=instruments
    )


def _data(config: Config, task: Task, parts: Parts, loaded: Dataset | None) -> Dataset:
    if loaded is not None:
        return loaded
    if parts.data is not None:
        return checked(parts.data)
    source = Source(
        data_dir=Path(config.data_dir) if config.data_dir else None,
        numbers={name: getattr(config, name) for name in TASK_NUMBERS},
    )
    return task.load(source)


def _own(parts: Parts) -> frozenset[str]:
    own = {f"own {name}" for name, part in parts._asdict().items() if part is not None}
    return frozenset(own | {"continuous"} if parts.mode and parts.mode.is_continuous else own)


def _refuse_idle(config: Config, parts: Parts, cells: Cells) -> None:
    """Raises InputError if something is brought that would have no effect on the run."""
    cell = cells.first
    if parts.law is not None and cells.others:
        raise InputError("parts: a law is of all cells; give one device sheet, or none")
    is_pulsed = cell.params.update_step is not None and not is_programmed(cell.params)
    if parts.law is not None and not is_pulsed:
        raise InputError("parts: a law moves cells by pulses, and these have none; give a step")
    if config.baseline and (parts.code or parts.mode):
        raise InputError("parts: a code or mode is of chips that kick, not of backpropagation")


def kernel(config: Config) -> str:
    """Returns how dense passes run.

    Raises:
        InputError: If the kernel is asked for where there is no GPU.
    """
    if config.kernel == "pallas" and jax.default_backend() != "gpu":
        raise InputError(
            f"option kernel = 'pallas': runs on a GPU, JAX found {jax.default_backend()} only"
        )
    return config.kernel


def refuse_without_modules(params: NetworkParams, network: Network, data: Dataset) -> None:
    """Raises InputError if a network has no module at which an effect could act."""
    seen = survey(network, data.inputs, data.shown_type)
    at_arrays = params.is_noisy or params.dac_top is not None or params.adc_top is not None
    if at_arrays and seen.loose:
        kinds = ", ".join(kind.__name__ for kind in ARRAYS)
        raise InputError(
            f"option array: the weights {seen.loose[0]} of the network lie in no array, where"
            f" converters and noise could act; flax modules that are one: {kinds}"
        )
    if params.activation_defects is not None and not seen.layers:
        raise InputError(
            "option array.activation_defects: the network has no neuromgd.Neurons at which it could"
            " act; put them in place of its activations"
        )


def mode(words: tuple[str, ...], gate: str = "none") -> Mode:
    """Returns the learning mode of a run: one for all arrays, or one for each."""
    # An array with a delta rule is to the kicks of others what one is that stands still.
    words = tuple(FROZEN if word == DELTA else word for word in words)
    kinds = set(words) - {FROZEN}
    is_gated = gate != "none" and (kinds == {"weight"} or words == CONTINUOUS)
    # All neurons are kicked only where no array is frozen.
    if len(kinds) == 1 and not is_gated and (kinds == {"weight"} or FROZEN not in words):
        return MODES[kinds.pop()]
    # They import what weight perturbation has no use for.
    from neuromgd.chip.modes.analog import continuous
    from neuromgd.chip.modes.node import by_array

    gated = by_array(() if is_gated else words)
    return continuous(gated) if words == CONTINUOUS else gated


def refuse_mode(machine: Machine) -> None:
    """Raises InputError if the mode cannot teach this network."""
    theta = jax.eval_shape(machine.design.network.initialise, jax.random.key(0))
    theta = learning(machine.design, theta)
    machine.design.mode.kicked(machine, theta)
    machine.design.mode.kickers(machine, theta)


def model(config: Config, task: Task) -> str:
    """Returns the name of the network."""
    return config.network.model or task.model


def hidden(config: Config, task: Task, data: Dataset) -> tuple[int, ...]:
    """Returns the widths of the hidden layers: as given, else the network's own or the task's."""
    if config.network.hidden is not None:
        return config.network.hidden
    name = model(config, task)
    own = NETWORKS[name].hidden
    return task.hidden if own is None or name == task.model else own(data.inputs)


def network(
    config: Config, task: Task, data: Dataset, own: nn.Module | Network | None = None
) -> Network:
    """Returns the forward pass that the user brings, or else that the options ask for."""
    options, name = config.network, model(config, task)
    member, is_of_task = NETWORKS[name], name == task.model
    weight_scale = options.weight_scale or (task.weight_scale if is_of_task else 1.0)
    if own is not None:
        return _network(own, data.inputs, data.shown_type, weight_scale)
    wanted = Wanted(
        data.inputs,
        data.outputs,
        hidden(config, task, data),
        options.activation or (task.activation if is_of_task else member.activation or "relu"),
        options.output_activation or task.output_activation,
        options.initial_weights or (task.initial_weights if is_of_task else "lecun"),
        data.tokens,
    )
    given = {name: getattr(options, name) for name in NETWORK_NUMBERS}
    numbers = tuple(chosen(NETWORK_NUMBERS, name, given).items())
    return _named(name, wanted, numbers, data.shown_type, weight_scale)


@lru_cache(maxsize=64)  # equal ones are one pair of functions, so that their runs share a program
def _named(
    name: str,
    wanted: Wanted,
    numbers: tuple[tuple[str, float], ...],
    shown_type: Any,
    weight_scale: float,
) -> Network:
    module = NETWORKS[name].make(wanted, **dict(numbers))
    return _network(module, wanted.inputs, shown_type, weight_scale)


def _network(
    own: nn.Module | Network, inputs: tuple[int, ...], shown_type: Any, weight_scale: float
) -> Network:
    if isinstance(own, Network):
        plain = own._replace(inputs=inputs, dtype=shown_type)
        name = getattr(own.apply, "__name__", "")
    else:
        plain, name = from_module(own, inputs, shown_type), type(own).__name__
    refuse_network(plain, name, jax.ShapeDtypeStruct((2, *inputs), shown_type))
    return scaled(plain, weight_scale)


def _rule(learning: LearningConfig, own: Rule | optax.GradientTransformation | None) -> Rule:
    if isinstance(own, optax.GradientTransformation):
        if learning.rate is not None:
            raise InputError("option learning.rate: the rule that is brought has a rate of its own")
        return Ready(own)
    if own is not None:
        return own
    return rule(learning.rule, **{name: getattr(learning, name) for name in RULE_NUMBERS})
