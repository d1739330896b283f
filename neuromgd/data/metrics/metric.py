"""The interface of a metric: how well outputs meet targets that a chip does not learn from."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Array, Float

Targets = Literal["classes", "values"]


class Metric(NamedTuple):
    """What a task is measured by.

    Attributes:
        name: In files: column of the history, key of the summary.
        title: In words.
        targets: What it compares outputs with: class numbers, or values.
        of_sample: (output, target) of one sample -> () what is averaged over the samples.
        reduced: (that mean, (samples, *target) targets) -> () the metric.
        chance: (samples, *target) targets -> what the best answer that is always the same reaches.
        is_higher_better: Whether more is better.
        unit: In which it is shown; None: that of the targets.
        factor: What it is multiplied by when it is shown.
        form: How it is written then.
    """

    name: str
    title: str
    targets: Targets
    of_sample: Callable[[Float[Array, "*output"], Array], Float[Array, ""]]
    reduced: Callable[[Float[Array, ""], Array], Float[Array, ""]]
    chance: Callable[[np.ndarray], float]
    is_higher_better: bool
    unit: str | None = None
    factor: float = 1.0
    form: str = ".4g"

    @property
    def label(self) -> str:
        """What an axis of it is called."""
        return f"test {self.title}" + (f" [{self.unit}]" if self.unit else "")

    def tell(self, value: float) -> str:
        """Returns a value, or a difference of two, in words."""
        return f"{self.factor * value:{self.form}} {self.unit or ''}".rstrip()

    def best(self, values: list[float]) -> float:
        """Returns the best of some values."""
        return max(values) if self.is_higher_better else min(values)

    def is_beyond(self, values: np.ndarray, wanted: float) -> np.ndarray:
        """Tells which values are better than a wanted one."""
        return values > wanted if self.is_higher_better else values < wanted
