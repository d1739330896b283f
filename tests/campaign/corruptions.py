"""Damage to every file of finished and unfinished run folders: noticed, or without effect."""

import collections
import random
import shutil
from functools import partial
from pathlib import Path

import msgspec

from neuromgd.cli.train import resumed
from neuromgd.options.config import Config
from neuromgd.study.checkpoint import Checkpoints
from neuromgd.study.open import open_run
from neuromgd.study.train import train
from tests.campaign.child import RUN
from tests.campaign.damage import KINDS, damage, files, verdict


def corrupted(number: int, folder: Path, draw: random.Random) -> collections.Counter:
    """Damages every file so many times, and counts what came of it.

    Finished folders are opened. Of unfinished ones, which lack their summary, the run goes on.
    """
    is_due, Checkpoints.is_due = Checkpoints.is_due, lambda self: True
    try:
        out = folder / "sound"
        done = train(msgspec.structs.replace(RUN, windows=60, out=str(out)))
        counts: collections.Counter = collections.Counter()
        for path in files(out):
            for place in range(number):
                kind = KINDS[place % len(KINDS)]
                copy = folder / "damaged"
                shutil.copytree(out, copy)
                is_changed = damage(copy / path, kind, draw)
                is_finished = place % 4 != 0 or path.name == "summary.json"
                if not is_finished:
                    (copy / "summary.json").unlink()
                came = verdict(partial(opened if is_finished else gone_on, copy), done)
                if came not in ("noticed", "harmless"):
                    counts[f"wrong: {path} {kind} {came}"] += 1
                else:
                    counts[f"{path.name}: {came}" if is_changed else "the same bytes"] += 1
                shutil.rmtree(copy)
        return counts
    finally:
        Checkpoints.is_due = is_due


def opened(folder: Path):
    return open_run(folder)


def gone_on(folder: Path):
    return train(resumed(folder, Config()), is_resumed=True)
