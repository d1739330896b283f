"""The options of a world that does not stand still while a chip learns."""

from typing import Annotated, Literal

import msgspec

from neuromgd.numbers import Natural, NonNegative


class TrackingConfig(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What drifts by a schedule while learning goes on."""

    period: Natural | None = None
    """Windows in which what drifts goes its size once, or to and fro once; None: all stands
    still."""
    shape: Literal["linear", "sinus", "step"] = "linear"
    """linear: on and on, its size in every period; sinus: to and fro by its size; step: by its
    size at the end of every period."""
    weights: NonNegative | None = None
    """σ between cells of what every stored weight drifts by; a step is drawn anew [w.u.]."""
    biases: NonNegative | None = None
    """The same of every stored bias [w.u.]."""
    angle: Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)] | None = None
    """Angle that pairs of inputs are turned by about their mean, and class boundaries with them
    [°]."""
    labels: Natural | None = None
    """Classes that every label moves on by, in whole periods: what was class k is k + labels."""
