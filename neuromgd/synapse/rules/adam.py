"""Adam: steps of a length that the spread of the estimates sets.

References:
    Kingma and Ba, ICLR (2015).
"""

import math

import optax

from neuromgd.synapse.rules.rule import RuleMember


def _request(rate: float, length: float, beta1: float, beta2: float, epsilon: float) -> float:
    """Returns E|m̂|/(√v̂ + ε) of independent normal estimates; v̂ is taken as settled."""
    del beta2
    deviation = length * math.sqrt(math.pi / 2)
    mean = length * math.sqrt((1 - beta1) / (1 + beta1))
    return rate * mean / (deviation + epsilon)


# The rate is about the length of a request itself, whatever the task [w.u.].
ADAM = RuleMember(
    lambda rate, beta1, beta2, epsilon: optax.adam(rate, beta1, beta2, epsilon),
    lambda rate: 5e-4,
    _request,
    is_linear=False,
    averages=lambda beta1, beta2, epsilon: (1 + beta1) / (1 - beta1),
)
