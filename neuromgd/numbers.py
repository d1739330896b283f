"""Numbers that members of a family bring along, each declared once.

A declaration reaches options, help, configuration files and conformance from here. No JAX.
"""

from typing import Annotated, Any, NamedTuple

import msgspec

NonNegative = Annotated[float, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Bits = Annotated[int, msgspec.Meta(ge=1, le=24)]
Natural = Annotated[int, msgspec.Meta(ge=1)]


class Number(NamedTuple):
    """One number that some members of a family take.

    Attributes:
        meaning: What it is, with its unit in brackets.
        kind: Type with its allowed range.
        default: What members take if nothing is said.
        of: Names of the members that take it.
    """

    meaning: str
    kind: Any
    default: float
    of: tuple[str, ...]


# Of the learning rules; options of the section ``learning``.
RULE_NUMBERS = {
    "momentum": Number("Share of the last step that the next one keeps [1].",
                       Share, 0.9, ("momentum",)),
    "beta1": Number("Share of the mean of estimates that is kept [1].", Share, 0.9, ("adam",)),
    "beta2": Number("Share of the mean of their squares that is kept [1].",
                    Share, 0.999, ("adam",)),
    "epsilon": Number("What is added to the root of that mean [cost/w.u.].",
                      Positive, 1e-8, ("adam",)),
}  # fmt: skip

# Of the tasks; options beside ``task``.
TASK_NUMBERS = {
    "bits": Number("Bits of a pattern.", Annotated[int, msgspec.Meta(ge=2, le=16)], 2,
                   ("parity",)),
}  # fmt: skip
