"""Plain descent: −η·Ĝ."""

import optax

from neuromgd.synapse.rules.rule import RuleMember

SGD = RuleMember(optax.sgd, lambda rate: rate, lambda rate, length: rate * length)
