"""The learning rules by name."""

from neuromgd import names
from neuromgd.numbers import RULE_NUMBERS
from neuromgd.registry import Registry
from neuromgd.synapse.rules.rule import Bound, RuleMember

RULES: Registry[RuleMember] = Registry(names.RULES)


def rule(name: str, **numbers: float | None) -> Bound:
    """Returns a learning rule, with the numbers that are given and the defaults of the others."""
    values = []
    for key, number in RULE_NUMBERS.items():
        if name in number.of:
            given = numbers.get(key)
            values.append((key, number.default if given is None else given))
    return Bound(RULES[name], tuple(values))
