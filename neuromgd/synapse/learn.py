"""What a synapse does with the scalar it hears: correlate, average, request a write."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromgd.synapse.codes.code import independent
from neuromgd.synapse.state import SynapseParams, SynapseState, SynapseTraits
from neuromgd.typing import Arrays, Count


def collect(
    params: SynapseParams,
    traits: SynapseTraits,
    state: SynapseState,
    delta_cost: Arrays,
    received: Arrays,
    broadcasts: Count = 1,
) -> SynapseState:
    """Adds ΔC·θ̃/Δθ² to the sum of every synapse: nothing but ΔC crosses the chip.

    Args:
        params: How good the learning circuits are.
        traits: How they came out.
        state: What they keep; its perturbation is the one that ΔC belongs to.
        delta_cost: Pytree of what reached each array, () or (*array): the sum of ΔC [cost].
        received: The same of the number of broadcasts in that sum.
        broadcasts: How many were sent.

    References:
        McCaughan et al., APL Mach. Learn. 1, 026118 (2023), the homodyne gradient.
    """
    products = jax.tree.map(
        lambda delta, kick: (delta / params.amplitude**2) * kick, delta_cost, state.perturbation
    )
    return add(traits, state, products, received, broadcasts)


def add(
    traits: SynapseTraits,
    state: SynapseState,
    products: Arrays,
    received: Arrays,
    broadcasts: Count = 1,
) -> SynapseState:
    """Adds true products ΔC·θ̃/Δθ² as the multipliers give them, (1 + g_i) of each and o_i more."""
    if traits.multiplier_gain is not None:
        products = jax.tree.map(jnp.multiply, products, traits.multiplier_gain)
    if traits.multiplier_offset is not None:
        products = jax.tree.map(
            lambda one, count, offset: one + count * offset,
            products,
            received,
            traits.multiplier_offset,
        )
    return state.replace(
        gradient_sum=jax.tree.map(jnp.add, state.gradient_sum, products),
        received=state.received + broadcasts,
    )


def correlated(
    params: SynapseParams, factors: Arrays, deltas: Float[Array, " patterns"], arrays: Arrays
) -> Arrays:
    """Returns Σ_k ΔC_k θ̃_k/Δθ² for perturbations of rows times columns [cost/w.u.].

    Args:
        params: How good the learning circuits are.
        factors: Pytree of ``Factors``.
        deltas: (patterns,) ΔC of each [cost].
        arrays: Pytree of the chip's arrays, for their shapes.
    """
    scaled = deltas[:, None] / params.amplitude
    return jax.tree.map(
        lambda array, own: (own.across @ (scaled * own.columns)).reshape(array.shape),
        arrays,
        factors,
    )


def gradient_estimate(state: SynapseState) -> Arrays:
    """Returns the estimate Ĝ of every synapse, its mean over the broadcasts [cost/w.u.]."""

    def mean(received: Array, sums: Arrays) -> Arrays:
        count = jnp.maximum(received, 1).astype(jnp.float32)
        return jax.tree.map(lambda total: total / count, sums)

    return jax.tree.map(mean, state.received, state.gradient_sum)


def forget(state: SynapseState) -> SynapseState:
    """Clears the sums after a write; the stored perturbation stays."""
    return state.replace(
        gradient_sum=jax.tree.map(jnp.zeros_like, state.gradient_sum),
        received=jax.tree.map(jnp.zeros_like, state.received),
    )


def step_normalisation(
    kind: str,
    arrays: Arrays,
    tau_perturbation: Count,
    tau_update: Count,
    excess: Callable[[int, Float[Array, ""]], Float[Array, ""]] = independent,
) -> Float[Array, ""]:
    """Returns the factor s that a request is scaled by.

    ``length`` makes the mean length of an update η‖∇C‖ for any number of synapses P and of
    perturbations T = τ_θ/τ_p, since E‖Ĝ‖² = ‖∇C‖²(1 + excess), (P−1)/T for independent signs.

    References:
        Oripov et al., APL Mach. Learn. 3, 026107 (2025): normalisation of the learning rate.
    """
    if kind == "none":
        return jnp.ones((), jnp.float32)
    synapses = sum(math.prod(array.shape) for array in jax.tree.leaves(arrays))
    held = jnp.asarray(tau_perturbation, jnp.float32) / jnp.asarray(tau_update, jnp.float32)
    return jax.lax.rsqrt(1 + excess(synapses, held))


def step_normalisations(
    kind: str,
    theta: Arrays,
    kicked: Arrays,
    tau_perturbation: Count,
    tau_update: Count,
    excess: Callable[[int, Float[Array, ""]], Float[Array, ""]] = independent,
    is_in_turn: bool = False,
) -> Arrays:
    """Returns the factor s of every array of weights, shaped as those.

    ``array`` counts the n_a kicks of an array alone. With S_a = Δ_a²·‖g_a‖² of the slope g_a along
    them and D = ΣS_a, E‖Ĝ_a‖² = ‖∇_a C‖²(1 + (n_a·D/S_a − 1)/T): updates of an array are
    η‖∇_a C‖ long where its own kicks alone make ΔC, and η‖∇_a C‖√(D/S_a) where T ≪ n_a.
    Weights of one module are one array. Arrays that are kicked in turn hear no kicks of the others:
    each is as long as its own n_a kicks make it in every A-th slot, whatever the kind. An array of
    which nothing is kicked learns by no ΔC, and its factor is 1.

    Args:
        kind: ``length``, ``array`` or ``none``.
        theta: Arrays of weights.
        kicked: What is kicked; neurons stand where the array in front of them would.
        tau_perturbation: τ_p [timesteps].
        tau_update: τ_θ [timesteps].
        excess: Of the code.
        is_in_turn: Whether it kicks one array at a time.
    """
    modules = {path[:-1] for path, _ in jax.tree_util.tree_flatten_with_path(theta)[0]}
    kicks: dict[Any, int] = {}
    for path, one in jax.tree_util.tree_flatten_with_path(kicked)[0]:
        # Neurons stand at the path of their module, a weight below it.
        module = path if path in modules else path[:-1]
        kicks[module] = kicks.get(module, 0) + math.prod(one.shape)

    def placed(scales: dict[Any, Array]) -> Arrays:
        still = jnp.ones((), jnp.float32)
        return jax.tree_util.tree_map_with_path(lambda path, _: scales.get(path[:-1], still), theta)

    if kind != "array" and not (kind == "length" and is_in_turn):
        scale = step_normalisation(kind, kicked, tau_perturbation, tau_update, excess)
        return placed(dict.fromkeys(kicks, scale))
    held = jnp.asarray(tau_perturbation, jnp.float32) / jnp.asarray(tau_update, jnp.float32)
    if is_in_turn:
        own = {module: excess(count, len(kicks) * held) for module, count in kicks.items()}
    else:
        every = sum(kicks.values())
        whole = excess(every, held) / max(every - 1, 1)
        own = {module: (count - 1) * whole for module, count in kicks.items()}
    return placed({module: jax.lax.rsqrt(1 + one) for module, one in own.items()})
