"""How long the requests of a run are, by the learning rule that made them."""

import jax
import jax.numpy as jnp

from neuromgd.plan.plan import Plan
from neuromgd.synapse.learn import step_normalisation
from neuromgd.synapse.rules.rule import Bound

# Windows at which the schedule of the rate is looked at for its mean.
PLACES = 256


def effective_rate(todo: Plan) -> float | None:
    """Returns what an estimate is multiplied by at the first write [w.u.²/cost].

    None: the rule is not linear, or a user's own.
    """
    rule = todo.design.rule
    if not isinstance(rule, Bound) or not rule.member.is_linear:
        return None
    return float(todo.params.synapse.learning_rate) * _normalisation(todo)


def typical_request(todo: Plan, delta_cost: float) -> float | None:
    """Returns the mean length of a request at the first rate [w.u.]; None: a rule of a user's own.

    One perturbation estimates |ΔC|/Δθ in every synapse; independent ones average.

    Args:
        todo: What was run.
        delta_cost: Mean |ΔC| [cost].
    """
    rule = todo.design.rule
    if not isinstance(rule, Bound):
        return None
    perturbations = todo.tau.update / todo.tau.perturbation
    amplitude = float(todo.params.synapse.amplitude)
    length = _normalisation(todo) * delta_cost / amplitude / perturbations**0.5
    return rule.request(float(todo.params.synapse.learning_rate), length)


def averages(todo: Plan) -> float:
    """Returns how many estimates the noise of a request is the mean of; of a user's rule, 1."""
    return todo.design.rule.averages() if isinstance(todo.design.rule, Bound) else 1.0


def mean_schedule(todo: Plan) -> float:
    """Returns the mean rate of the run over its first rate [1]."""
    windows = jnp.linspace(0, todo.windows - 1, PLACES, dtype=jnp.float32)
    return float(jnp.mean(jax.vmap(todo.design.schedule)(windows)))


def _normalisation(todo: Plan) -> float:
    theta = jax.eval_shape(todo.design.network.initialise, jax.random.key(0))
    tau, design = todo.tau, todo.design
    return float(
        step_normalisation(
            design.step_normalisation, theta, tau.perturbation, tau.update, design.code.excess
        )
    )
