"""Descent with momentum: the last step goes on in part."""

import optax

from neuromgd.synapse.rules.rule import RuleMember

# Momentum 0.9 adds up to ten requests.
MOMENTUM = RuleMember(
    lambda rate, momentum: optax.sgd(rate, momentum=momentum),
    lambda rate: rate / 10,
    # Σ μ^k Ĝ_k of independent estimates has the variance of one over 1 − μ², and the mean of one
    # over 1 − μ.
    lambda rate, length, momentum: rate * length / (1 - momentum**2) ** 0.5,
    averages=lambda momentum: (1 + momentum) / (1 - momentum),
)
