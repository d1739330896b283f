"""The kinds of numbers that options take, with the ranges that are checked wherever one enters."""

from typing import Annotated

import msgspec

NonNegative = Annotated[float, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Bits = Annotated[int, msgspec.Meta(ge=1, le=24)]
Natural = Annotated[int, msgspec.Meta(ge=1)]
