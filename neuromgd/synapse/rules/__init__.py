"""The learning rules by name."""

from neuromgd import names
from neuromgd.numbers import RULE_NUMBERS, chosen
from neuromgd.registry import Registry
from neuromgd.synapse.rules.rule import Bound, RuleMember

RULES: Registry[RuleMember] = Registry(names.RULES)


def rule(name: str, **numbers: float | None) -> Bound:
    """Returns a learning rule, with the numbers that are given and the defaults of the others."""
    return Bound(RULES[name], tuple(chosen(RULE_NUMBERS, name, numbers).items()))
