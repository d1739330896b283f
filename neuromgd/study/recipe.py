"""A recipe: what makes a memory cell learn a task, found by successive halving.

Candidates are judged on samples of the training set that they do not learn from; the test set is
seen by the winner alone.
"""

from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from neuromgd import disk
from neuromgd.errors import InputError
from neuromgd.fleet.engines import refuse_engine
from neuromgd.fleet.processes import telling_of_losses
from neuromgd.options.cell import sheets_of
from neuromgd.options.config import Config
from neuromgd.options.device import IDEAL_CELL, DeviceConfig
from neuromgd.options.read import checked, to_toml, with_platform
from neuromgd.options.recipe import Candidate
from neuromgd.plan.plan import plan
from neuromgd.study.folder import SUMMARY, reserved, telling_of_storage
from neuromgd.study.search import Search, Tried, Watch, best_of, candidates
from neuromgd.study.told import as_json
from neuromgd.study.trained import Run

RECIPE = "recipe.toml"
# What a search may take, in runs of one chip.
BUDGET_RUNS = 24


class Found(NamedTuple):
    """A finished search.

    Attributes:
        folder: Where it was written.
        best: The winner.
        tried: All candidates of all rounds.
        run: The winner, trained on all samples and tested.
        ideal: The same with cells that take what they are asked for.
        backprop: The same network trained by backpropagation.
    """

    folder: Path
    best: Candidate
    tried: list[Tried]
    run: Run
    ideal: Run
    backprop: Run


@telling_of_losses()
def recipe(
    config: Config,
    budget: int | None = None,
    watch: Watch = lambda text: None,
    is_resumed: bool = False,
    may_overwrite: bool = False,
    fast: str | None = None,
) -> Found:
    """Finds what makes a memory cell learn a task, within a number of chip-windows.

    Args:
        config: Cell, task, network, code, hold times, and the length of the winner's run.
        budget: Windows, times chips, that the search may take; the winner's test comes on top. One
            that goes on has that of its beginning. Default are so many runs' worth of windows as
            BUDGET_RUNS says.
        watch: Called with what is being done.
        is_resumed: Whether the search in the folder goes on.
        may_overwrite: Whether a finished search in the folder may be overwritten.
        fast: Sheet of a fast cell that may stand beside the one of the configuration, which is the
            slow one then. A search that goes on has that of its beginning.

    Raises:
        InputError: If the budget is too small, or the configuration cannot be run.
    """
    config = checked(with_platform(checked(config)))
    _refuse(config, fast)
    first = plan(config)
    if not is_resumed:
        budget = BUDGET_RUNS * first.windows if budget is None else budget
        candidates(budget, first.windows)  # a budget that is too small leaves no folder
    with reserved(config, is_resumed, may_overwrite) as config:
        folder = Path(str(config.out))
        search = Search(config, folder, first, watch, fast)
        budget, known = search.begun(budget or 0, is_resumed)
        tried = search.halved(budget, known)
        best = best_of(tried, search.is_higher_better)
        winner = best.over(config, search.start, search.first.windows, config.chips)
        runs = {
            "winner": winner,
            "ideal": msgspec.structs.replace(winner, device=IDEAL_CELL, transfer=Config().transfer),
            "backprop": _by_backprop(winner),
        }
        done = {name: search.tested(name, one) for name, one in runs.items()}
        found = Found(folder, best, tried, done["winner"], done["ideal"], done["backprop"])
        with telling_of_storage(folder):
            text = to_toml(msgspec.structs.replace(winner, out=None))
            disk.write(folder / RECIPE, text.encode())
            disk.write(folder / SUMMARY, as_json(told(found)))
    return found


def _refuse(config: Config, fast: str | None) -> None:
    """Raises InputError if the search would not go by what is asked."""
    refuse_engine(config, is_sweep=True)
    if config.stop_at is not None:
        raise InputError("option stop_at: ends one run; a search compares runs of one length")
    if len(sheets_of(config.device)) > 1:
        raise InputError(
            f"option device.sheet = {config.device.sheet!r}: a recipe is of one technology"
        )
    for name in ("write_threshold", "write_threshold_pulses"):
        if getattr(config.device, name) is not None:
            raise InputError(f"option device.{name}: is what a search for a recipe finds")
    own = DeviceConfig(
        sheet=config.device.sheet, seconds_per_timestep=config.device.seconds_per_timestep
    )
    if fast is not None and (config.device != own or config.transfer.every):
        raise InputError(
            "option fast: the cell beside it comes from its sheet alone, without options of device"
            " or transfer"
        )
    if config.baseline or config.shard_arrays:
        name = "baseline" if config.baseline else "shard_arrays"
        raise InputError(f"option {name}: a search for a recipe trains many chips of cells")


def told(found: Found) -> dict[str, Any]:
    """Returns what a search came to, as plain values."""
    summary = found.run.summary
    metric = summary["metric"]
    return {
        "recipe": found.best._asdict(),
        "metric": metric,
        metric: summary[metric],
        "ideal": found.ideal.summary[metric],
        "backprop": found.backprop.summary[metric],
        "writes_per_synapse": summary["writes_per_synapse"],
        "local_memory": summary["local_memory"],
        "hardware_seconds": summary["hardware_seconds"],
        "hardware_joules": summary["hardware_joules"],
        "limits": summary["explanations"],
        "tried": [
            one.candidate._asdict() | {"windows": one.windows, "score": one.score}
            for one in found.tried
        ],
    }


def _by_backprop(config: Config) -> Config:
    """Returns the same network, data and length for backpropagation, at the task's own rate."""
    default = Config()
    return msgspec.structs.replace(
        config, baseline="backprop", platform=None, device=IDEAL_CELL, synapse=default.synapse,
        bus=default.bus, array=default.array, learning=default.learning, transfer=default.transfer,
        ideal=True,
    )  # fmt: skip
