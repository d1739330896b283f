"""Continuous time: what stands where nobody says, and what lets nothing through."""

import jax.numpy as jnp

from neuromgd.bus.meter import BusParams
from neuromgd.errors import InputError

# Timesteps that a sample stays, in perturbations, and τ_hp in timesteps.
HOLD, HIGH_PASS = 8, 4.0


def refuse_blanked(sample: int, perturbation: int) -> None:
    """Raises InputError if the perturbation changes with the sample alone, whose step is blanked.

    Args:
        sample: τ_x [timesteps].
        perturbation: τ_p [timesteps].
    """
    if sample <= perturbation:
        raise InputError(
            f"option tau_sample = {sample}: in continuous time the step of a new sample is blanked,"
            f" and with it what is kicked then; let samples stay longer than perturbations"
            f" (tau_perturbation = {perturbation})"
        )


def with_high_pass(bus: BusParams) -> BusParams:
    """Returns the bus of a chip in continuous time, with a high-pass in place of C0."""
    if bus.high_pass is not None:
        return bus
    return bus.replace(high_pass=jnp.asarray(HIGH_PASS, jnp.float32))
