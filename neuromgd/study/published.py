"""Published figures of chips that learn beside the project's own: targets/learning.toml."""

import math
import tempfile
from collections.abc import Callable

import msgspec

from neuromgd.errors import InputError
from neuromgd.options.config import Config
from neuromgd.sheets import library
from neuromgd.study.gradient import gradient
from neuromgd.study.train import train
from neuromgd.timing.targets import Comparison, Facts


def accuracy(config: Config, facts: Facts) -> tuple[str, float]:
    """Trains chips; returns the mean of their metric on the test set."""
    del facts
    summary = train(config).summary
    return f"mean {summary['metric']} of {config.chips} chips", summary[summary["metric"]]


def rounds(config: Config, facts: Facts) -> tuple[str, float]:
    """Follows estimates; returns the rounds through all layers until they are within an angle.

    Raises:
        InputError: If they do not come so near.
    """
    found = gradient(config, samples=facts["samples"], within=facts["within"])
    whole = found.summary["arrays"][-1]["step_within"]
    if whole is None:
        raise InputError(f"no estimate came within {facts['within']:g}° in this time")
    each = found.summary["tau_perturbation"] * facts["layers"]
    return f"rounds until within {facts['within']:g}°, median", math.ceil(whole / each)


# What is measured -> (configuration, the target's entry) -> (what it is, the project's number).
MEASURES: dict[str, Callable[[Config, Facts], tuple[str, float]]] = {
    "accuracy": accuracy, "rounds": rounds,
}  # fmt: skip


def published() -> dict[str, Facts]:
    """Returns the published figures by target."""
    return library.table(library.folder("targets") / "learning.toml")


def configuration(target: str) -> Config:
    """Returns what is run for one target, without a folder."""
    return msgspec.convert(published()[target]["run"], Config)


def reproduce(target: str) -> Comparison:
    """Runs one target, and holds it against what was published."""
    facts = published()[target]
    with tempfile.TemporaryDirectory() as folder:
        config = msgspec.structs.replace(configuration(target), out=f"{folder}/run")
        what, ours = MEASURES[facts["measure"]](config, facts)
    return Comparison(target, what, float(ours), float(facts["theirs"]), facts["unit"], facts)
