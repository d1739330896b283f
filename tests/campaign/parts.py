"""The parts of a campaign, by name."""

import collections
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.campaign.corruptions import corrupted, corrupted_sweep, searched
from tests.campaign.faults import faulty, pairs
from tests.campaign.fuzz import fuzzed
from tests.campaign.kills import killed
from tests.campaign.share import Share
from tests.campaign.soak import soaked

# (number of turns, a folder, whose turns) -> counts of what came of them.
PARTS: dict[str, Callable[[int, Path, Share], collections.Counter]] = {
    "kills": partial(killed, "train"),
    "sweeps": partial(killed, "sweep"),
    "searches": partial(killed, "tolerate"),
    "explorations": partial(killed, "explore"),
    "faults": faulty,
    "pairs": pairs,
    "corruptions": corrupted,
    "swept": corrupted_sweep,
    "searched": partial(searched, "tolerate"),
    "explored": partial(searched, "explore"),
    "fuzz": fuzzed,
    "soak": soaked,
}
