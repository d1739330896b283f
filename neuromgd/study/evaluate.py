"""Trained chips asked again: on other data, with other cells or converters, or after a time."""

from typing import Any, NamedTuple

import msgspec
import numpy as np

from neuromgd.data.dataset import Dataset
from neuromgd.data.metrics.metric import Metric
from neuromgd.errors import InputError
from neuromgd.fleet.engines import open_engine
from neuromgd.fleet.engines.simulated import Simulated
from neuromgd.fleet.transplant import aged, is_moving, programmed
from neuromgd.options.command import differences
from neuromgd.options.config import Config
from neuromgd.options.read import checked, unsettled, with_platform
from neuromgd.plan.plan import NO_PARTS, Parts
from neuromgd.plan.plan import plan as prepare
from neuromgd.preset import is_preset
from neuromgd.study.trained import Run

# What belongs to learning, not to what a chip answers: another one would change nothing.
LEARNS = ("learning", "steps", "windows", "epochs", "batch", "tau_sample", "tau_perturbation",
          "tau_update", "transfer", "engine", "kernel", "baseline", "log_every", "stop_at",
          "tracking", "chips", "shard_arrays", "generator", "network", "bus",
          "synapse")  # fmt: skip


class Evaluated(NamedTuple):
    """What trained chips reach when they are asked again.

    Attributes:
        metric: What was measured.
        before: (chips,) scores as the run left them, on its own test set.
        after: (chips,) scores now.
        changed: Option -> its value in the run, and now.
        seconds: Time since the last write [s].
    """

    metric: Metric
    before: np.ndarray
    after: np.ndarray
    changed: dict[str, list[Any]]
    seconds: float


def evaluate(
    run: Run,
    config: Config | None = None,
    parts: Parts = NO_PARTS,
    data: Dataset | None = None,
    seconds: float = 0.0,
) -> Evaluated:
    """Asks trained chips again, on a test set of other data, as other hardware, or after a time.

    Of other cells every trained weight is written to a new one exactly, as far as its window
    reaches: chips keep their numbers, and with them how their cells came out.

    Args:
        run: A finished run.
        config: Its configuration with other data, cells, converters, platform or seed; None: as it
            was. Numbers of the default cell do not stand over those of a sheet that is named now.
        parts: What the run was given that no file can hold.
        data: Samples of one's own, of the shapes that the chips take.
        seconds: Time since the last write [s].

    Raises:
        InputError: If chips of other options cannot hold the weights, or time does nothing to them.

    Example:
        >>> from neuromgd.study.train import train
        >>> from tempfile import mkdtemp
        >>> done = train(Config(task="parity", windows=8, chips=2, out=mkdtemp()))
        >>> evaluate(done).after.shape
        (2,)
    """
    if not isinstance(run.engine, Simulated):
        raise InputError("evaluate: the chips of this run are not simulated")
    if not 0 <= seconds < float("inf"):
        raise InputError(f"evaluate: a time of {seconds} s: must be finite, and 0 or more")
    wanted = run.config
    if config is not None:
        wanted = checked(with_platform(checked(_with_cells(config, run.config))))
    changed = differences([run.config, wanted])
    _refuse_learning(changed)
    before = run.engine.score(run.chips, run.plan.windows)
    plan = run.plan
    if changed or data is not None:
        own = parts if data is None else parts._replace(data=data)
        plan = prepare(wanted, own)
        _refuse_shapes(run, plan.data)
    engine, chips = open_engine(wanted, plan), run.chips
    assert isinstance(engine, Simulated)
    if any(name not in ("data_dir", "task", "metric") for name in changed):
        if chips.slow is not None:
            raise InputError("evaluate: weights of two cells cannot be written to others")
        chips = programmed(engine.plan.machine, engine.make(), run.engine.weights(run.chips))
    if seconds:
        if not is_moving(chips):
            raise InputError(
                "evaluate: time does nothing to these cells: they have no drift, leak or relaxation"
            )
        chips = aged(engine.plan.machine, chips, seconds)
    metric = plan.metric
    return Evaluated(
        metric,
        np.asarray(before),
        np.asarray(engine.score(chips, run.plan.windows)),
        changed,
        seconds,
    )


def _with_cells(config: Config, own: Config) -> Config:
    """Returns a configuration whose sheet brings its own numbers, if the chips had none."""
    sheet = config.device.sheet
    if sheet is None or own.device.sheet is not None:
        return config
    if any(is_preset(getattr(config.device, name)) for name in config.device.__struct_fields__):
        return config  # its marks tell what was given
    bare = msgspec.structs.replace(config.device, sheet=None)
    cells = unsettled(msgspec.structs.replace(config, device=bare)).device
    return msgspec.structs.replace(config, device=msgspec.structs.replace(cells, sheet=sheet))


def _refuse_learning(changed: dict[str, list[Any]]) -> None:
    for name in changed:
        if name.partition(".")[0] in LEARNS:
            raise InputError(
                f"option {name}: belongs to how a chip learns, or to its network; chips that are"
                " asked again have other data, device, array, platform or seed"
            )


def _refuse_shapes(run: Run, data: Dataset) -> None:
    own = run.plan.data
    if (data.inputs, data.outputs, data.targets) != (own.inputs, own.outputs, own.targets):
        raise InputError(
            f"evaluate: {data.name} has inputs of shape {data.inputs} and {data.outputs} outputs,"
            f" the chips take {own.inputs} and give {own.outputs}"
        )
