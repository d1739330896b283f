"""The end of a window: every synapse turns its estimate into a request, and is written."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from neuromgd.chip.chip import Chip, over_arrays
from neuromgd.chip.machine import Machine
from neuromgd.device.cell import read
from neuromgd.device.retention import advance
from neuromgd.device.write import write, write_noises
from neuromgd.randomness import each
from neuromgd.synapse.learn import forget, gradient_estimate, step_normalisation
from neuromgd.typing import Arrays


def update(machine: Machine, chip: Chip, window: Int[Array, ""]) -> Chip:
    """Writes θ_i ← write_i(θ_i, −η·s·Ĝ_i) in every synapse and clears the estimates.

    Args:
        machine: What is built; its hold times set the step normalisation s.
        chip: The chip at the end of a window.
        window: Number of that window, counted from 0.
    """
    design, params, tau = machine.design, machine.params, machine.tau
    cells = aged(machine, chip, window)
    theta = over_arrays(read, cells)
    scale = step_normalisation(
        design.step_normalisation, theta, tau.perturbation, tau.update, design.code.excess
    )
    estimate = jax.tree.map(lambda g: scale * g, gradient_estimate(chip.synapse))
    rate = params.synapse.learning_rate * design.schedule(window.astype(jnp.float32))
    request, rule_state = design.rule(rate).update(estimate, chip.rule_state, theta)

    cells = over_arrays(
        lambda cell, change, own, *keys: write(
            design.law, design.pulse_rounding, params.device, cell, change, *keys, traits=own
        ),
        cells,
        request,
        chip.traits.device,
        *(each(chip.key, noise, window, theta) for noise in write_noises(params.device)),
    )
    return chip.replace(cells=cells, rule_state=rule_state, synapse=forget(chip.synapse))


def aged(machine: Machine, chip: Chip, window: Int[Array, ""]) -> Arrays:
    """Returns the cells after the time of a window; the next one sees what drift and leak left."""
    params = machine.params
    if params.seconds_per_timestep is None:
        return chip.cells
    seconds = params.seconds_per_timestep * jnp.asarray(machine.tau.update, jnp.float32)
    temperature = params.device.temperature
    if params.warming is not None and temperature is not None:
        temperature = temperature + params.warming * window.astype(jnp.float32)
    return over_arrays(
        lambda cell, own: advance(params.device, own, cell, seconds, temperature),
        chip.cells,
        chip.traits.device,
    )
