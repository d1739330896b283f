"""Adam: steps of a length that the spread of the estimates sets.

References:
    Kingma and Ba, ICLR (2015).
"""

import optax

from neuromgd.synapse.rules.rule import RuleMember

# The rate is about the length of a request itself, whatever the task [w.u.].
ADAM = RuleMember(
    lambda rate, beta1, beta2, epsilon: optax.adam(rate, beta1, beta2, epsilon), lambda rate: 5e-4
)
