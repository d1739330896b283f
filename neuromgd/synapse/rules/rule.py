"""The interface of a learning rule: what turns an estimate into a requested write."""

from collections.abc import Callable
from typing import NamedTuple

import optax
from jaxtyping import Array, Float

# A rule takes the learning rate and returns what turns an estimate into a request.
Rule = Callable[[Float[Array, ""]], optax.GradientTransformation]


class RuleMember(NamedTuple):
    """A rule that options can name.

    Attributes:
        make: (rate, **numbers) -> transformation; its numbers are those of
            ``neuromgd.numbers.RULE_NUMBERS`` that name the rule.
        rate: Rate of plain descent that a task knows -> rate of this rule, unless one is given.
    """

    make: Callable[..., optax.GradientTransformation]
    rate: Callable[[float], float]


class Ready(NamedTuple):
    """A transformation that brings its own learning rate, whatever a run's is.

    Attributes:
        transformation: Turns an estimate into a request.
    """

    transformation: optax.GradientTransformation

    def __call__(self, rate: Float[Array, ""]) -> optax.GradientTransformation:
        """Returns the transformation; a learning rate has no say in it."""
        del rate
        return self.transformation


class Bound(NamedTuple):
    """A rule with its numbers set; equal ones are equal, so that they share a program.

    Attributes:
        member: The rule.
        numbers: (name, value) of each of its numbers.
    """

    member: RuleMember
    numbers: tuple[tuple[str, float], ...] = ()

    def __call__(self, rate: Float[Array, ""]) -> optax.GradientTransformation:
        """Returns what turns an estimate into a request at a learning rate."""
        return self.member.make(rate, **dict(self.numbers))
