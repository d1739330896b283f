"""Steps of one length, against the sign of the estimate."""

import optax

from neuromgd.synapse.rules.rule import RuleMember

# The rate is the length of a request itself, whatever the task [w.u.].
SIGN = RuleMember(optax.sign_sgd, lambda rate: 1e-4, lambda rate, length: rate, is_linear=False)
