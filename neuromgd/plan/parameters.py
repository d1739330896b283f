"""From options to the numbers of a chip: float32 leaves, so that no value compiles anew."""

import jax
import jax.numpy as jnp

from neuromgd.bus.meter import BusParams
from neuromgd.chip.design import ChipParams
from neuromgd.converter import top_level
from neuromgd.data.task import Task
from neuromgd.network.params import NetworkParams
from neuromgd.options.config import BusConfig, Config
from neuromgd.options.modes import kicks_neurons, kicks_weights
from neuromgd.plan.amplitude import amplitude
from neuromgd.plan.curvature import curvature
from neuromgd.plan.memory_cell import (
    MemoryCell,
    has_one_read_noise,
    has_own_read_noise,
    uniform_read_noise,
    warming,
    wire_drop,
)
from neuromgd.plan.other_cells import Cells
from neuromgd.plan.registers import registers
from neuromgd.plan.transfer import both_read_noises, transfer_params
from neuromgd.synapse.rules import RULES
from neuromgd.synapse.state import SynapseParams

# Windows over which the meter averages ΔC²: ΔC grows and falls over thousands of them.
CLIP_WINDOWS = 100.0


def parameters(
    config: Config,
    task: Task,
    cells: Cells,
    slow: MemoryCell | None,
    windows: int,
    rows: int | None = None,
) -> ChipParams:
    """Returns how good the technology is; how fast it ages is for the clock to tell.

    Args:
        config: What to run.
        task: Gives the defaults.
        cells: From ``cells_of``.
        slow: Beside it; None: nothing.
        windows: Length of the run.
        rows: Least number of rows of an array; None: not known.
    """
    return ChipParams(
        synapse=_synapse(config, task, rows),
        device=cells.first.params,
        other_devices=tuple(cell.params for cell in cells.others),
        biases=registers(config.array),
        warming=_leaf(warming(config, [*cells.every, *([] if slow is None else [slow])], windows)),
        bus=_bus(config.bus),
        network=_network(config, task, cells, slow),
        transfer=transfer_params(config.transfer, slow),
    )


def _synapse(config: Config, task: Task, rows: int | None) -> SynapseParams:
    synapse = config.synapse
    has_neurons, has_weights = (
        kicks(config.learning.mode) for kicks in (kicks_neurons, kicks_weights)
    )
    usual = task.rate if has_weights or task.node_rate is None else task.node_rate
    default = RULES[config.learning.rule].rate(usual)
    return SynapseParams(
        amplitude=jnp.asarray(amplitude(config, task, rows), jnp.float32),
        node_amplitude=_leaf(synapse.node_amplitude or task.node_amplitude)
        if has_neurons
        else None,
        amplitude_spread=_leaf(synapse.amplitude_spread),
        amplitude_asymmetry_spread=_leaf(synapse.amplitude_asymmetry_spread),
        storage_flip_rate=_leaf(synapse.storage_flip_rate),
        storage_noise=_leaf(synapse.storage_noise),
        storage_top=_top(synapse.storage_bits),
        storage_range=_leaf(synapse.storage_range),
        multiplier_gain_spread=_leaf(synapse.multiplier_gain_spread),
        multiplier_offset_spread=_leaf(synapse.multiplier_offset_spread),
        accumulator_top=_top(synapse.accumulator_bits),
        accumulator_range=_leaf(synapse.accumulator_range),
        accumulator_leak=_leaf(synapse.accumulator_leak),
        residue_top=_top(synapse.residue_bits),
        residue_range=_leaf(synapse.residue_range),
        residue_leak=_leaf(synapse.residue_leak),
        residue_noise=_leaf(synapse.residue_noise),
        rule_top=_top(config.learning.memory_bits),
        rule_range=_leaf(config.learning.memory_range),
        write_share=_leaf(synapse.write_share),
        learning_rate=jnp.asarray(config.learning.rate or default, jnp.float32),
    )


def _bus(bus: BusConfig) -> BusParams:
    drop_rate = _leaf(bus.drop_rate)
    return BusParams(
        cost_gain=_leaf(bus.cost_gain),
        cost_offset=_leaf(bus.cost_offset),
        cost_noise=_leaf(bus.cost_noise),
        cost_top=_top(bus.cost_bits),
        cost_range=_leaf(bus.cost_range),
        deadband=_leaf(bus.deadband),
        broadcast_noise=_leaf(bus.broadcast_noise),
        reception_gain_spread=_leaf(bus.reception_gain_spread),
        reception_noise=_leaf(bus.reception_noise),
        drop_rate=drop_rate if bus.drop_scope == "synapse" else None,
        chip_drop_rate=drop_rate if bus.drop_scope == "chip" else None,
        delta_clip=_leaf(bus.delta_clip),
        delta_clip_windows=None
        if bus.delta_clip is None
        else _leaf(bus.delta_clip_windows or CLIP_WINDOWS),
        delta_top=_top(bus.delta_bits),
        delta_range=_leaf(bus.delta_range),
        high_pass=_leaf(bus.high_pass),
    )


def _network(config: Config, task: Task, cells: Cells, slow: MemoryCell | None) -> NetworkParams:
    array, weight_scale = config.array, config.network.weight_scale or task.weight_scale
    has_own_noise = any(has_own_read_noise(one.params) for one in (*cells.every, slow) if one)
    has_own_noise |= not has_one_read_noise(cells.every)
    # Registers are read without the noise of cells.
    is_noisy = uniform_read_noise(cells.first, 1.0) is not None
    has_own_noise |= array.bias_bits is not None and is_noisy
    return NetworkParams(
        dac_top=None
        if array.dac_bits is None
        else top_level(array.dac_bits, array.dac_is_unipolar),
        dac_bottom=_leaf(0.0) if array.dac_bits is not None and array.dac_is_unipolar else None,
        adc_gain_spread=_leaf(array.adc_gain_spread),
        adc_offset_spread=_leaf(array.adc_offset_spread),
        adc_nonlinearity=_leaf(array.adc_nonlinearity),
        dac_range=_leaf(array.dac_range),
        adc_top=_top(array.adc_bits),
        adc_range=_leaf(array.adc_range),
        output_noise=_leaf(array.output_noise),
        read_noise=None
        if has_own_noise
        else both_read_noises(config.transfer, cells.first, slow, weight_scale),
        activation_defects=_leaf(array.activation_defects),
        centre_windows=_leaf(array.centre_windows),
        crosstalk=_leaf(array.crosstalk),
        curvature=curvature(config),
        wire_drop=_leaf(wire_drop(config)),
        weight_scale=_leaf(weight_scale) if has_own_noise else None,
    )


def _top(bits: int | None) -> jax.Array | None:
    return None if bits is None else top_level(bits)


def _leaf(value: float | None) -> jax.Array | None:
    return None if value is None else jnp.asarray(value, jnp.float32)
