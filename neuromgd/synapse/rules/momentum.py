"""Descent with momentum: the last step goes on in part."""

import optax

from neuromgd.synapse.rules.rule import RuleMember

# Momentum 0.9 adds up to ten requests.
MOMENTUM = RuleMember(
    lambda rate, momentum: optax.sgd(rate, momentum=momentum), lambda rate: rate / 10
)
