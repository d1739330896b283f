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
        request: (rate, length, **numbers) -> mean length of a request once the rule is under way
            [w.u.], of independent normal estimates of that mean length [cost/w.u.].
        is_linear: Whether a request is proportional to the estimates.
        averages: (**numbers) -> independent estimates that the noise of a request is the mean of.
    """

    make: Callable[..., optax.GradientTransformation]
    rate: Callable[[float], float]
    request: Callable[..., float]
    is_linear: bool = True
    averages: Callable[..., float] = lambda **numbers: 1.0


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

    def request(self, rate: float, length: float) -> float:
        """Returns the mean length of a request for estimates of a mean length [w.u.]."""
        return self.member.request(rate, length, **dict(self.numbers))

    def averages(self) -> float:
        """Returns how many independent estimates the noise of a request is the mean of."""
        return self.member.averages(**dict(self.numbers))

    def __call__(self, rate: Float[Array, ""]) -> optax.GradientTransformation:
        """Returns what turns an estimate into a request at a learning rate."""
        return self.member.make(rate, **dict(self.numbers))
