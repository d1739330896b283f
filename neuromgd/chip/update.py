"""The end of a window: every synapse turns its estimate into a request, and is written."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from neuromgd.chip.chip import Chip, those_that_learn, weights, whole_again
from neuromgd.chip.drifting import disturbed
from neuromgd.chip.frozen import learning
from neuromgd.chip.guard import OF_RESIDUE, at_looks, filling
from neuromgd.chip.machine import Machine
from neuromgd.chip.technologies import every_device, technologies, write_keys
from neuromgd.chip.transfer import of_fast, transferred
from neuromgd.chip.two_cells import signed
from neuromgd.device.cell import CellState
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.retention import advance
from neuromgd.device.technology import Technology, alike
from neuromgd.device.threshold import at_once, least_request, weight_step
from neuromgd.device.write import write
from neuromgd.synapse import residue
from neuromgd.synapse.due import is_due
from neuromgd.synapse.learn import forget, gradient_estimate, step_normalisations
from neuromgd.synapse.rule_memory import rounded
from neuromgd.typing import Arrays, Leaf


def update(machine: Machine, chip: Chip, window: Int[Array, ""]) -> Chip:
    """Writes θ_i ← write_i(θ_i, −η·s·Ĝ_i) in every synapse and clears the estimates.

    Args:
        machine: What is built; its hold times set the step normalisation s.
        chip: The chip at the end of a window.
        window: Number of that window, counted from 0.
    """
    chip = aged(machine, chip, window)
    circuit, rounding = machine.params.synapse, machine.design.accumulator_rounding
    limit, top, sums = circuit.accumulator_range, circuit.accumulator_top, chip.synapse.gradient_sum
    full = at_looks(window, lambda: filling(limit, top, rounding, sums))
    chip = chip.replace(synapse=chip.synapse.replace(filling=full))
    request, chip = requested(machine, chip, window)
    request, chip = asked(machine, chip, request, window)
    chip = written(machine, chip, request, window)
    chip = disturbed(machine, transferred(machine, chip, window), window)
    return chip.replace(synapse=forget(chip.synapse))


def requested(
    machine: Machine, chip: Chip, window: Int[Array, ""], event: Int[Array, ""] | None = None
) -> tuple[Arrays, Chip]:
    """Returns the change of weight that every synapse asks for [w.u.], and the chip after.

    Args:
        machine: What is built; its hold times set the step normalisation s.
        chip: With an estimate in every synapse.
        window: Number of the window, for the schedule of the rate.
        event: Number of the request, for its noise; None: there is one a window.
    """
    design, tau = machine.design, machine.tau
    theta = learning(design, weights(chip))
    kicked = design.mode.kicked(machine, theta)
    scales = step_normalisations(
        design.step_normalisation, theta, kicked, tau.perturbation, tau.update,
        design.code.excess, design.code.is_in_turn,
    )  # fmt: skip
    estimate = jax.tree.map(jnp.multiply, scales, gradient_estimate(chip.synapse))
    rate = machine.params.synapse.learning_rate * design.schedule(window.astype(jnp.float32))
    request, rule_state = design.rule(rate).update(estimate, chip.rule_state, theta)
    if machine.params.synapse.rate_ratios is not None:
        ratios = learning(design, machine.params.synapse.rate_ratios)
        request = jax.tree.map(jnp.multiply, ratios, request)
    number = window if event is None else event
    kept = rounded(machine.params.synapse, rule_state, chip.key, number)
    return request, chip.replace(rule_state=kept)


def asked(
    machine: Machine, chip: Chip, request: Arrays, window: Int[Array, ""]
) -> tuple[Arrays, Chip]:
    """Returns what the synapses ask of their cells [w.u.], and the chip that keeps the rest.

    Who is not due asks for nothing; without a residue its request is lost.
    """
    request = of_fast(chip, request)
    design, circuit = machine.design, machine.params.synapse
    share, rows = circuit.write_share, design.rows_per_write
    may = lambda one, whole: whole
    if share is not None or rows is not None:
        may = lambda one, whole: jnp.where(is_due(one, share, rows, window), whole, 0)
    if not design.has_residue:
        return jax.tree.map(may, request, request), chip
    total = residue.gathered(
        circuit, design.residue_rounding, chip.residue, request, chip.key, window,
        machine.tau.update,
    )  # fmt: skip
    limit, top = circuit.residue_range, circuit.residue_top
    full = at_looks(window, lambda: filling(limit, top, design.residue_rounding, total))
    full = jnp.where(full > 0, full + OF_RESIDUE, chip.synapse.filling)
    chip = chip.replace(synapse=chip.synapse.replace(filling=full))

    def ask(cell: CellState, one: Array, kind: Technology) -> Array:
        step, device = weight_step(*kind), kind.params
        least = least_request(kind.law, device, cell, cell.weight)
        return may(one, residue.asked(one, step, least, device.pulses_per_write_max))

    cells = learning(design, chip.cells)
    whole = over_arrays(ask, cells, total, technologies(machine, cells))
    return whole, chip.replace(residue=jax.tree.map(jnp.subtract, total, whole))


def written(machine: Machine, chip: Chip, request: Arrays, window: Int[Array, ""]) -> Chip:
    """Returns the chip after its cells were asked for a change [w.u.]."""
    design, rounding, ready = machine.design, machine.design.pulse_rounding, lambda device: device
    before, chip = chip, those_that_learn(design, chip)
    if chip.slow is not None:
        request = signed(request, chip.slow)
    if design.has_residue:
        # Whole pulses are asked for, and the synapse has decided when.
        rounding, ready = "nearest", at_once
    kinds = technologies(machine, chip.cells)
    cells = over_arrays(
        lambda cell, change, own, kind, keys: write(
            kind.law, rounding, ready(kind.params), cell, change, *keys, traits=own
        ),
        chip.cells,
        request,
        chip.traits.device,
        kinds,
        write_keys(chip.key, window, kinds, request),
    )
    return whole_again(design, chip.replace(cells=cells), before)


def aged(machine: Machine, chip: Chip, window: Int[Array, ""]) -> Chip:
    """Returns the chip after the time of a window; the next one sees what drift and leak left."""
    params = machine.params
    temperature = _warmed(machine, window)
    if params.seconds_per_timestep is None and temperature is None:
        return chip
    seconds = jnp.asarray(machine.tau.update, jnp.float32)
    seconds = seconds * (0 if (own := params.seconds_per_timestep) is None else own)

    def older(kinds: Arrays, cells: Arrays, traits: Arrays, temperature: Leaf | None):
        one = lambda cell, own, kind: advance(kind.params, own, cell, seconds, temperature)
        return over_arrays(one, cells, traits, kinds)

    kinds = technologies(machine, chip.cells)
    chip = chip.replace(cells=older(kinds, chip.cells, chip.traits.device, temperature))
    transfer = machine.design.transfer
    if chip.slow is None or params.transfer is None or transfer is None:
        return chip
    kind = Technology(transfer.law, params.transfer.device, transfer.is_pair)
    # Cells that nothing is said of stay as warm as they are.
    warm = None if kind.params.temperature is None else temperature
    cells = older(alike(kind, chip.slow.cells), chip.slow.cells, chip.slow.traits, warm)
    return chip.replace(slow=chip.slow.replace(cells=cells))


def _warmed(machine: Machine, window: Int[Array, ""]) -> Leaf | None:
    """Returns the temperature of a chip that warms or cools [K]; None: that of its cells."""
    warming = machine.params.warming
    slow = [] if machine.params.transfer is None else [machine.params.transfer.device]
    devices = [*every_device(machine), *slow]
    known = [one.temperature for one in devices if one.temperature is not None]
    if warming is None or not known:
        return None
    return known[0] + warming * window.astype(jnp.float32)
