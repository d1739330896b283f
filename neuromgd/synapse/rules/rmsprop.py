"""RMSProp: every synapse divides its estimate by the root of the mean of its squares.

References:
    Hinton, Neural Networks for Machine Learning, lecture 6e (2012).
"""

import optax

from neuromgd.synapse.rules.rule import RuleMember

# The rate is about the length of a request itself, whatever the task [w.u.].
RMSPROP = RuleMember(lambda rate, beta2: optax.rmsprop(rate, decay=beta2), lambda rate: 5e-4)
