"""RMSProp: every synapse divides its estimate by the root of the mean of its squares.

References:
    Hinton, Neural Networks for Machine Learning, lecture 6e (2012).
"""

import math

import optax

from neuromgd.synapse.rules.rule import RuleMember

# The rate is about the length of a request itself, whatever the task [w.u.].
RMSPROP = RuleMember(
    lambda rate, beta2: optax.rmsprop(rate, decay=beta2),
    lambda rate: 5e-4,
    # E|Ĝ| over σ of a normal estimate, the root of the mean of its squares.
    lambda rate, length, beta2: rate * math.sqrt(2 / math.pi),
    is_linear=False,
)
