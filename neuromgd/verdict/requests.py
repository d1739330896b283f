"""How long the requests of a run are, by the learning rule that made them."""

import math
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromgd.chip.frozen import learning
from neuromgd.loading import loading
from neuromgd.plan.plan import Plan
from neuromgd.synapse.learn import step_normalisations
from neuromgd.synapse.rules.rule import Bound
from neuromgd.typing import Arrays

# Windows at which the schedule of the rate is looked at for its mean.
PLACES = 256


def effective_rate(plan: Plan) -> float | None:
    """Returns what an estimate is multiplied by at the first write [w.u.²/cost].

    None: the rule is not linear, or a user's own, or every array has a factor of its own.
    """
    rule = plan.design.rule
    is_by_array = plan.design.code.is_in_turn and plan.design.step_normalisation == "length"
    if (
        is_by_array
        or plan.design.step_normalisation == "array"
        or plan.params.synapse.rate_ratios is not None
    ):
        return None
    if not isinstance(rule, Bound) or not rule.member.is_linear:
        return None
    return float(plan.params.synapse.learning_rate) * _normalisation(plan) / _spread_over(plan)


def typical_request(plan: Plan, delta_cost: float) -> float | None:
    """Returns the mean length of a request at the first rate [w.u.]; None: a rule of a user's own.

    One perturbation estimates |ΔC|/Δθ in every synapse; independent ones average.

    Args:
        plan: What was run.
        delta_cost: Mean |ΔC| [cost].
    """
    rule = plan.design.rule
    if not isinstance(rule, Bound):
        return None
    perturbations = plan.tau.update / plan.tau.perturbation
    synapse = plan.params.synapse
    own = synapse.node_amplitude if _kicks_no_weights(plan) else None
    amplitude = float(synapse.amplitude if own is None else own)
    # Of few perturbations by a code that kicks few, most synapses were kicked by none.
    every = kicks(plan)
    reached = min(1.0, perturbations * plan.design.code.kicked(every) / every)
    length = _normalisation(plan) * delta_cost / amplitude / perturbations**0.5 * reached**0.5
    return rule.request(float(plan.params.synapse.learning_rate), length) / _spread_over(plan)


def sound_delta_cost(plan: Plan, full_scale: float | None, heard: list[float]) -> float:
    """Returns the mean |ΔC| of a run as it is while nothing goes wrong [cost].

    A run that goes wrong gets louder and louder. What chips heard before they learned is known
    where they set the full scale of ΔC by it; else the quietest row has to do.

    Args:
        plan: What was run.
        full_scale: Mean full scale of the ΔC converters [cost]; None: no converter.
        heard: Mean |ΔC| of every row of the history [cost].
    """
    finite = [one for one in heard if math.isfinite(one)]
    bus = plan.params.bus
    if full_scale is None or bus.delta_top is None or bus.delta_range is not None:
        return min(finite, default=0.0)
    first = full_scale / loading(float(bus.delta_top))
    return min(first, sum(finite) / len(finite)) if finite else first


def averages(plan: Plan) -> float:
    """Returns how many estimates the noise of a request is the mean of; of a user's rule, 1."""
    return plan.design.rule.averages() if isinstance(plan.design.rule, Bound) else 1.0


def mean_schedule(plan: Plan) -> float:
    """Returns the mean rate of the run over its first rate [1]."""
    return float(_mean_until(plan.design.schedule, np.float32(plan.windows - 1)))


@partial(jax.jit, static_argnums=0)
def _mean_until(schedule: Callable, last: Float[Array, ""]) -> Float[Array, ""]:
    return jnp.mean(jax.vmap(schedule)(jnp.linspace(0, last, PLACES, dtype=jnp.float32)))


def kicked(plan: Plan) -> Arrays:
    """Returns the shapes of all that is kicked."""
    return plan.design.mode.kicked(plan.machine, _learning(plan))


def kicks(plan: Plan) -> int:
    """Returns how many kicks a perturbation has."""
    return sum(math.prod(array.shape) for array in jax.tree.leaves(kicked(plan)))


def _spread_over(plan: Plan) -> int:
    """Returns how many writes of a window share what a rule asks for."""
    return plan.tau.update if plan.design.mode.is_continuous else 1


def _normalisation(plan: Plan) -> float:
    """Returns what scales an estimate beside the rate, as a mean over the synapses."""
    tau, design, ratios = plan.tau, plan.design, plan.params.synapse.rate_ratios
    theta = _learning(plan)
    scales = step_normalisations(
        design.step_normalisation,
        theta,
        kicked(plan),
        tau.perturbation,
        tau.update,
        design.code.excess,
        design.code.is_in_turn,
    )
    if ratios is not None:
        scales = jax.tree.map(jnp.multiply, scales, learning(design, ratios))
    counts = [math.prod(array.shape) for array in jax.tree.leaves(theta)]
    every = zip(map(float, jax.tree.leaves(scales)), counts, strict=True)
    return sum(scale * count for scale, count in every) / sum(counts)


def _kicks_no_weights(plan: Plan) -> bool:
    """Tells whether all that is kicked are neurons: they stand in the place of their module."""
    weights = {path for path, _ in jax.tree_util.tree_leaves_with_path(_learning(plan))}
    return not any(path in weights for path, _ in jax.tree_util.tree_leaves_with_path(kicked(plan)))


def _learning(plan: Plan) -> Arrays:
    """Returns the shapes of the arrays that learn."""
    theta = jax.eval_shape(plan.design.network.initialise, jax.random.key(0))
    return learning(plan.design, theta)
