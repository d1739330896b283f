"""Damage to every file of finished and unfinished run folders: noticed, or without effect."""

import collections
import shutil
import warnings
from functools import partial
from pathlib import Path

import msgspec

from neuromgd.cli.train import resumed
from neuromgd.errors import DamageWarning, InputError
from neuromgd.options.config import Config
from neuromgd.options.grid import kept
from neuromgd.study.checkpoint import Checkpoints
from neuromgd.study.folder import SUMMARY
from neuromgd.study.open import open_run
from neuromgd.study.searches import begun
from neuromgd.study.sweep import TABLE, Sweep, sweep
from neuromgd.study.table_file import read_rows
from neuromgd.study.told import read_summary
from neuromgd.study.train import train
from tests.campaign.compare import APART
from tests.campaign.damage import KINDS, damage, files, verdict
from tests.campaign.share import Share
from tests.campaign.worker import OVER, RUN, SEARCHES, SHORTER


def corrupted(number: int, folder: Path, share: Share) -> collections.Counter:
    """Damages every file so many times, and counts what came of it.

    Finished folders are opened. Of unfinished ones, which lack their summary, the run goes on.
    """
    is_due, Checkpoints.is_due = Checkpoints.is_due, lambda self: True
    try:
        out = folder / "sound"
        done = train(msgspec.structs.replace(RUN, windows=60, out=str(out)))
        counts: collections.Counter = collections.Counter()
        for path in files(out):
            for place, draw in share.turns(f"corruption {path}", number):
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


def corrupted_sweep(number: int, folder: Path, share: Share) -> collections.Counter:
    """Damages every file of a sweep so many times, and counts what came of going on with it."""
    is_due, Checkpoints.is_due = Checkpoints.is_due, lambda self: True
    try:
        out, copy = folder / "sound-sweep", folder / "damaged"
        done = sweep(msgspec.structs.replace(SHORTER, out=str(out)), OVER)
        counts: collections.Counter = collections.Counter()
        for path in files(out):
            for place, draw in share.turns(f"sweep {path}", number):
                kind = KINDS[place % len(KINDS)]
                shutil.copytree(out, copy)
                is_changed = damage(copy / path, kind, draw)
                if place % 2:
                    # Killed in its second group, or before its own summary.
                    (copy / SUMMARY).unlink(missing_ok=True)
                    if place % 4 == 1:
                        (copy / "group-2" / SUMMARY).unlink(missing_ok=True)
                came = _of_sweep(copy, done)
                if came not in ("noticed", "harmless"):
                    counts[f"wrong: {path} {kind} {came}"] += 1
                else:
                    counts[f"{path.name}: {came}" if is_changed else "the same bytes"] += 1
                shutil.rmtree(copy)
        return counts
    finally:
        Checkpoints.is_due = is_due


def searched(kind: str, number: int, folder: Path, share: Share) -> collections.Counter:
    """Damages every file of a search so many times, and counts what came of going on with it."""
    search, of, wanted = SEARCHES[kind]
    is_due, Checkpoints.is_due = Checkpoints.is_due, lambda self: True
    try:
        out, copy = folder / f"sound-{kind}", folder / f"damaged-{kind}"
        done = search(msgspec.structs.replace(SHORTER, out=str(out)), wanted)
        counts: collections.Counter = collections.Counter()
        for path in files(out):
            for place, draw in share.turns(f"{kind} {path}", number):
                damaged = KINDS[place % len(KINDS)]
                shutil.copytree(out, copy)
                is_changed = damage(copy / path, damaged, draw)
                if place % 2 and str(path) != SUMMARY:
                    # Killed before it was told.
                    (copy / SUMMARY).unlink(missing_ok=True)
                came = _of_search(copy, done, search, of)
                if came not in ("noticed", "harmless"):
                    counts[f"wrong: {path} {damaged} {came}"] += 1
                else:
                    counts[f"{path.name}: {came}" if is_changed else "the same bytes"] += 1
                shutil.rmtree(copy)
        return counts
    finally:
        Checkpoints.is_due = is_due


def _of_search(folder: Path, done, search, of) -> str:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            again = search(*begun(of, folder), is_resumed=True)
        except InputError as error:
            if "is finished" not in str(error):
                return "traceback" if "\n" in str(error) else "noticed"
            again = None
    # What it came to: of what stands in its sweeps, nothing is read that is not looked at.
    if again is not None and _without(again.summary) != _without(done.summary):
        return "wrong"
    if _without(read_summary(folder / SUMMARY)) != _without(done.summary):
        return "wrong"
    if of.table is not None and read_rows(folder / of.table) != read_rows(done.folder / of.table):
        return "wrong"
    return "noticed" if any(issubclass(one.category, DamageWarning) for one in told) else "harmless"


def _without(summary: dict) -> dict:
    return {key: value for key, value in summary.items() if key not in APART}


def _of_sweep(folder: Path, done: Sweep) -> str:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            design, config = kept(folder)
            again = sweep(msgspec.structs.replace(config, out=str(folder)), design, is_resumed=True)
        except InputError as error:
            if "all its groups are done" not in str(error):
                return "traceback" if "\n" in str(error) else "noticed"
            return "harmless" if read_rows(folder / TABLE) == done.table else "wrong"
    if again.table != done.table or again.points != done.points:
        return "wrong"
    return "noticed" if any(issubclass(one.category, DamageWarning) for one in told) else "harmless"
