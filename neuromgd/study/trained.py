"""A finished run: what it was, how it went, and its chips, ready to be asked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from neuromgd.errors import InputError
from neuromgd.fleet.engine import Chips, Engine
from neuromgd.options.config import Config
from neuromgd.plan.plan import Plan
from neuromgd.verdict.row import Row


class Run(NamedTuple):
    """A finished run.

    Attributes:
        folder: Where it was written.
        config: What was run.
        summary: What ``summary.json`` holds.
        history: One row a logged window: a list, or of a long history what reads it from the
            folder.
        chips: The trained chips, as their engine holds them; simulated ones are a ``Chip`` along a
            leading axis.
        plan: What was run, prepared.
        engine: What advanced the chips.
    """

    folder: Path
    config: Config
    summary: dict[str, Any]
    history: Sequence[Row]
    chips: Chips
    plan: Plan
    engine: Engine

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Returns what every chip answers, with all its noise.

        Args:
            x: (samples, *input) as the run's data set stores them.

        Returns:
            (chips, samples, *outputs), such as logits.

        Raises:
            InputError: If the inputs have another shape than those that it learnt from.
        """
        shape = np.shape(x)[1:]
        if shape != self.plan.data.inputs:
            raise InputError(f"x: inputs of shape {shape}, the chips take {self.plan.data.inputs}")
        return self.engine.predict(self.chips, x)

    def evaluate(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Returns the (chips,) values of the task's metric on samples of one's own.

        Args:
            x: (samples, *input) as the run's data set stores them.
            y: (samples, *target) what is wanted.
        """
        outputs, metric = jnp.asarray(self.predict(x)), self.plan.metric
        targets = jnp.asarray(y, self.plan.data.test_y.dtype)
        of_samples = jax.vmap(metric.of_sample)
        one = lambda outputs: metric.reduced(of_samples(outputs, targets).mean(), targets)
        return np.asarray(jax.lax.map(one, outputs))
