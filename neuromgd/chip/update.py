"""The end of a window: every synapse turns its estimate into a request, and is written."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from neuromgd.chip.chip import Chip, those_that_learn, weights, whole_again
from neuromgd.chip.frozen import learning
from neuromgd.chip.machine import Machine
from neuromgd.chip.transfer import of_fast, transferred
from neuromgd.chip.two_cells import signed
from neuromgd.device.cell import CellState
from neuromgd.device.over_arrays import over_arrays
from neuromgd.device.params import DeviceParams
from neuromgd.device.retention import advance
from neuromgd.device.threshold import at_once, least_request, weight_step
from neuromgd.device.write import write, write_noises
from neuromgd.randomness import each
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
    request, chip = requested(machine, chip, window)
    request, chip = asked(machine, chip, request, window)
    chip = written(machine, chip, request, window)
    chip = transferred(machine, chip, window)
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
        design.step_normalisation, theta, kicked, tau.perturbation, tau.update, design.code.excess
    )
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
    design, circuit, device = machine.design, machine.params.synapse, machine.params.device
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
    step = weight_step(design.law, device, design.is_pair)

    def ask(cell: CellState, one: Array) -> Array:
        least = least_request(design.law, device, cell, cell.weight)
        return may(one, residue.asked(one, step, least, device.pulses_per_write_max))

    whole = over_arrays(ask, learning(design, chip.cells), total)
    return whole, chip.replace(residue=jax.tree.map(jnp.subtract, total, whole))


def written(machine: Machine, chip: Chip, request: Arrays, window: Int[Array, ""]) -> Chip:
    """Returns the chip after its cells were asked for a change [w.u.]."""
    design, device, rounding = machine.design, machine.params.device, machine.design.pulse_rounding
    before, chip = chip, those_that_learn(design, chip)
    if chip.slow is not None:
        request = signed(request, chip.slow)
    if design.has_residue:
        # Whole pulses are asked for, and the synapse has decided when.
        rounding, device = "nearest", at_once(device)
    cells = over_arrays(
        lambda cell, change, own, *keys: write(
            design.law, rounding, device, cell, change, *keys, traits=own
        ),
        chip.cells,
        request,
        chip.traits.device,
        *(each(chip.key, noise, window, request) for noise in write_noises(device)),
    )
    return whole_again(design, chip.replace(cells=cells), before)


def aged(machine: Machine, chip: Chip, window: Int[Array, ""]) -> Chip:
    """Returns the chip after the time of a window; the next one sees what drift and leak left."""
    params = machine.params
    if params.seconds_per_timestep is None:
        return chip
    seconds = params.seconds_per_timestep * jnp.asarray(machine.tau.update, jnp.float32)
    temperature = params.device.temperature
    if params.warming is not None and temperature is not None:
        temperature = temperature + params.warming * window.astype(jnp.float32)

    def older(device: DeviceParams, cells: Arrays, traits: Arrays, temperature: Leaf | None):
        one = lambda cell, own: advance(device, own, cell, seconds, temperature)
        return over_arrays(one, cells, traits)

    chip = chip.replace(cells=older(params.device, chip.cells, chip.traits.device, temperature))
    if chip.slow is None or params.transfer is None:
        return chip
    cells = older(params.transfer.device, chip.slow.cells, chip.slow.traits, None)
    return chip.replace(slow=chip.slow.replace(cells=cells))
