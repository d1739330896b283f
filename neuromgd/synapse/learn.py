"""What a synapse does with the scalar it hears: correlate, average, request a write."""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from neuromgd.synapse.state import SynapseParams, SynapseState
from neuromgd.typing import Arrays, Count

# A rule takes the learning rate and returns what turns an estimate into a request.
Rule = Callable[[Float[Array, ""]], optax.GradientTransformation]

RULES: dict[str, Rule] = {
    "sgd": lambda rate: optax.sgd(rate),
    "momentum": lambda rate: optax.sgd(rate, momentum=0.9),
    "adam": lambda rate: optax.adam(rate),
    "sign": lambda rate: optax.sign_sgd(rate),
}


def collect(params: SynapseParams, state: SynapseState, delta_cost: Float[Array, ""]):
    """Adds ΔC·θ̃/Δθ² to the sum of every synapse: nothing but ΔC crosses the chip.

    References:
        McCaughan et al., APL Mach. Learn. 1, 026118 (2023), the homodyne gradient.
    """
    scale = delta_cost / params.amplitude**2
    return state.replace(
        gradient_sum=jax.tree.map(
            lambda total, kick: total + scale * kick, state.gradient_sum, state.perturbation
        ),
        received=state.received + 1,
    )


def gradient_estimate(state: SynapseState) -> Arrays:
    """Returns the estimate Ĝ of every synapse, its mean over the broadcasts [cost/w.u.]."""
    count = jnp.maximum(state.received, 1).astype(jnp.float32)
    return jax.tree.map(lambda total: total / count, state.gradient_sum)


def forget(state: SynapseState) -> SynapseState:
    """Clears the sums after a write; the stored perturbation stays."""
    return state.replace(
        gradient_sum=jax.tree.map(jnp.zeros_like, state.gradient_sum),
        received=jnp.zeros_like(state.received),
    )


def step_normalisation(
    kind: str, arrays: Arrays, tau_perturbation: Count, tau_update: Count
) -> Float[Array, ""]:
    """Returns the factor s that a request is scaled by.

    ``length`` makes the mean length of an update η‖∇C‖ for any number of synapses P and of
    perturbations T = τ_θ/τ_p, since E‖Ĝ‖² = ‖∇C‖²(1 + (P−1)/T) for independent signs.

    References:
        Oripov et al., APL Mach. Learn. 3, 026107 (2025): normalisation of the learning rate.
    """
    if kind == "none":
        return jnp.ones((), jnp.float32)
    synapses = sum(math.prod(array.shape) for array in jax.tree.leaves(arrays))
    held = jnp.asarray(tau_perturbation, jnp.float32) / jnp.asarray(tau_update, jnp.float32)
    return jax.lax.rsqrt(1 + (synapses - 1) * held)
