"""Numbers that a user can give, each declared once.

A declaration reaches options, help, configuration files, sheets, docs and conformance. No JAX.
"""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import msgspec

NonNegative = Annotated[float, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Bits = Annotated[int, msgspec.Meta(ge=1, le=24)]
Natural = Annotated[int, msgspec.Meta(ge=1)]

# Lowest and highest value of a number.
Limits = tuple[float, float]
INFINITY = float("inf")
ANY: Limits = (-INFINITY, INFINITY)
NONNEGATIVE: Limits = (0.0, INFINITY)
# Above zero, but no float that a chip could tell from zero.
POSITIVE: Limits = (1e-30, INFINITY)
FRACTION: Limits = (0.0, 1.0)
COUNT: Limits = (1.0, 1e18)


class Number(NamedTuple):
    """One number.

    Attributes:
        meaning: What it is, in one line without a full stop.
        unit: In which it is given and used.
        limits: Lowest and highest value, in that unit.
        default: What stands if nothing is said; None: it is absent then, with its effect.
        of: Names of the members of a family that take it; (): it is not a member's own.
        dimensions: That its unit may have in a sheet; (): no sheet gives it.
        is_polynomial: Whether it is a list of coefficients, ascending powers.
        is_whole: Whether it is a whole number.
        is_needed: Whether the members of the family cannot do without it.
        tried: Two values that conformance tells apart, for the number of a law.
    """

    meaning: str
    unit: str
    limits: Limits
    default: Any = None
    of: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    is_polynomial: bool = False
    is_whole: bool = False
    is_needed: bool = False
    tried: tuple[Any, Any] | None = None

    @property
    def kind(self) -> Any:
        """Type of the option, with its range."""
        low, high = self.limits
        of = int if self.is_whole else float
        limits: dict[str, Any] = {}
        if low != -INFINITY:
            limits["gt" if low == POSITIVE[0] else "ge"] = of(0 if low == POSITIVE[0] else low)
        if high != INFINITY:
            limits["le"] = of(high)
        return Annotated[of, msgspec.Meta(**limits)] if limits else of

    @property
    def text(self) -> str:
        """What it is, with its unit in brackets."""
        return f"{self.meaning} [{self.unit}]"


# Of the learning rules; options of the section ``learning``.
RULE_NUMBERS = {
    "momentum": Number("Share of the last step that the next one keeps", "1", FRACTION, 0.9,
                       of=("momentum",)),
    "beta1": Number("Share of the mean of estimates that is kept", "1", FRACTION, 0.9,
                    of=("adam",)),
    "beta2": Number("Share of the mean of their squares that is kept", "1", FRACTION, 0.999,
                    of=("adam", "rmsprop")),
    "epsilon": Number("What is added to the root of that mean", "cost/w.u.", POSITIVE, 1e-8,
                      of=("adam",)),
}  # fmt: skip

# Of the perturbation codes; options of the section ``synapse``.
CODE_NUMBERS = {
    "kick_share": Number("Share of its perturbations in which a synapse is kicked", "1",
                         (1e-6, 1.0), 0.1, of=("sparse",)),
    "rank": Number("Products of a row and a column that add up to a kick", "1", (1.0, 1024.0), 4,
                   of=("low_rank",), is_whole=True),
    "register_bits": Number("Cells of the shift register", "bit", (2.0, 24.0), 24, of=("lfsr",),
                            is_whole=True),
    "register_taps": Number("Cells that are fed back, as the bits of a number whose bit 0 is the"
                            " newest cell; 0: the least number that gives the longest period", "1",
                            (0.0, 2.0**24 - 1), 0, of=("lfsr",), is_whole=True),
}  # fmt: skip

# Of the networks; options of the section ``network``.
NETWORK_NUMBERS = {
    "width": Number("Channels of the first convolutions", "1", (1.0, 1024.0), 8, of=("vgg",),
                    is_whole=True),
    "heads": Number("Heads of attention", "1", (1.0, 1024.0), 2, of=("transformer",),
                    is_whole=True),
    "ticks": Number("Times that an input without time is shown", "1", (1.0, 10_000.0), 16,
                    of=("spiking",), is_whole=True),
    "membrane": Number("Share of its potential that a membrane keeps from one time to the next",
                       "1", FRACTION, 0.8, of=("spiking",)),
}  # fmt: skip

# Of the tasks; options beside ``task``.
TASK_NUMBERS = {
    "bits": Number("Bits of a pattern", "1", (2.0, 16.0), 2, of=("parity", "delayed_parity"),
                   is_whole=True),
    "length": Number("Times of a sequence", "1", (3.0, 10_000.0), 10,
                     of=("delayed_parity", "adding"), is_whole=True),
}  # fmt: skip


def chosen(declared: Mapping[str, Number], name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the numbers of one member of a family: those that are given, else their defaults.

    Args:
        declared: Numbers of the family.
        name: Of the member.
        given: By name; None: the default.
    """
    own = {key: number for key, number in declared.items() if name in number.of}
    return {
        key: number.default if given.get(key) is None else given[key] for key, number in own.items()
    }
