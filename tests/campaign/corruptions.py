"""Damage to every file of finished and unfinished run folders: noticed, or without effect."""

import collections
import contextlib
import shutil
import warnings
from collections.abc import Callable, Iterator
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


@contextlib.contextmanager
def always_due() -> Iterator[None]:
    """Has a checkpoint written at every row."""
    is_due, Checkpoints.is_due = Checkpoints.is_due, lambda self: True
    try:
        yield
    finally:
        Checkpoints.is_due = is_due


# (damaged copy, which file of it is damaged, which turn this is) -> what came of it.
Seen = Callable[[Path, Path, int], str]


def each_damaged(
    sound: Path, called: str, number: int, share: Share, seen: Seen
) -> collections.Counter:
    """Damages every file of a folder so many times, each time in a copy, and counts what came."""
    copy = sound.parent / "damaged"
    counts: collections.Counter = collections.Counter()
    for path in files(sound):
        for place, draw in share.turns(f"{called} {path}", number):
            kind = KINDS[place % len(KINDS)]
            shutil.copytree(sound, copy)
            is_changed = damage(copy / path, kind, draw)
            came = seen(copy, path, place)
            if came not in ("noticed", "harmless"):
                counts[f"wrong: {path} {kind} {came}"] += 1
            else:
                counts[f"{path.name}: {came}" if is_changed else "the same bytes"] += 1
            shutil.rmtree(copy)
    return counts


def corrupted(number: int, folder: Path, share: Share) -> collections.Counter:
    """Damages files of runs: finished ones are opened, those without their summary go on."""
    out = folder / "sound"

    def seen(copy: Path, path: Path, place: int) -> str:
        if place % 4 != 0 or path.name == SUMMARY:
            return verdict(partial(opened, copy), done)
        (copy / SUMMARY).unlink()
        return verdict(partial(gone_on, copy), done)

    with always_due():
        done = train(msgspec.structs.replace(RUN, windows=60, out=str(out)))
        return each_damaged(out, "corruption", number, share, seen)


def opened(folder: Path):
    return open_run(folder)


def gone_on(folder: Path):
    return train(resumed(folder, Config()), is_resumed=True)


def corrupted_sweep(number: int, folder: Path, share: Share) -> collections.Counter:
    """Damages files of sweeps, which go on."""
    out = folder / "sound-sweep"

    def seen(copy: Path, path: Path, place: int) -> str:
        if place % 2:
            # Killed in its second group, or before its own summary.
            (copy / SUMMARY).unlink(missing_ok=True)
            if place % 4 == 1:
                (copy / "group-2" / SUMMARY).unlink(missing_ok=True)
        return _of_sweep(copy, done)

    with always_due():
        done = sweep(msgspec.structs.replace(SHORTER, out=str(out)), OVER)
        return each_damaged(out, "sweep", number, share, seen)


def searched(kind: str, number: int, folder: Path, share: Share) -> collections.Counter:
    """Damages files of searches, which go on."""
    search, of, wanted = SEARCHES[kind]
    out = folder / f"sound-{kind}"

    def seen(copy: Path, path: Path, place: int) -> str:
        if place % 2 and str(path) != SUMMARY:
            # Killed before it was told.
            (copy / SUMMARY).unlink(missing_ok=True)
        return _of_search(copy, done, search, of)

    with always_due():
        done = search(msgspec.structs.replace(SHORTER, out=str(out)), wanted)
        return each_damaged(out, kind, number, share, seen)


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
    # What a file says of its own form is not in what a search returns.
    return {key: value for key, value in summary.items() if key not in {*APART, "format"}}


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
