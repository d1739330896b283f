"""Checkpoints: the chips of a run on disk, so that an interrupted run goes on where it was."""

import shutil
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from neuromgd import disk
from neuromgd.errors import DamageWarning, InputError
from neuromgd.fleet.engine import Chips, Engine
from neuromgd.fleet.processes import agreed, has_joined, is_leader, meet, number
from neuromgd.study.chips_file import Piece, decode, joined, write
from neuromgd.study.folder import CHECKPOINTS, PART, remove_checkpoint

# Seconds between two checkpoints: a killed run loses no more than these and one piece of a chunk.
INTERVAL = 5.0

# Those that are kept: a damaged one leaves the one before.
KEPT = 3

# Share of the time that writing them may take.
_SHARE = 0.1


class Kept(NamedTuple):
    """What a checkpoint holds.

    Attributes:
        window: Windows that the chips have done.
        told: What was written beside them.
        arrays: Name -> array of what was written beside them.
        chips: Name -> whole array of the chips.
    """

    window: int
    told: dict[str, Any]
    arrays: dict[str, np.ndarray]
    chips: dict[str, np.ndarray]


class Checkpoints:
    """The newest states of the chips of one run, in its folder.

    Attributes:
        folder: Where they are.
    """

    def __init__(self, run: Path):
        self.folder = run / CHECKPOINTS
        self._wait = INTERVAL
        self._saved_at = time.monotonic()
        self._saved: int | None = None

    def is_due(self) -> bool:
        """Whether the last one is long ago."""
        return time.monotonic() - self._saved_at >= self._wait

    def add(
        self,
        engine: Engine,
        window: int,
        chips: Chips,
        told: dict[str, Any],
        arrays: dict[str, np.ndarray],
    ) -> None:
        """Keeps the chips after a window.

        Args:
            engine: What advances them.
            window: How many they have done.
            chips: They.
            told: Plain values that belong to them.
            arrays: Arrays that belong to them, the same in all processes.

        Raises:
            OSError: If they cannot be written; the ones before stay.
        """
        if window == self._saved:
            return
        begun = time.monotonic()
        pieces = list(_own_pieces(engine.save(chips)))
        if is_leader():
            pieces += [
                Piece(f"+{name}", value.shape, (0,) * value.ndim, value)
                for name, value in arrays.items()
            ]
        parts = jax.process_count() if has_joined() else 1
        told = {**told, "window": window, "parts": parts}
        beside = self.folder / f".{window}.part"
        if is_leader():
            self.folder.mkdir(exist_ok=True)
            if beside.exists():
                shutil.rmtree(beside)
            beside.mkdir()
        meet(f"checkpoint {window} begins")
        write(beside / PART.format(number() if has_joined() else 0), told, pieces)
        meet(f"checkpoint {window} is written")
        if is_leader():
            # One that is there already is damaged: the run went on from another.
            remove_checkpoint(self.folder / str(window))
            beside.replace(self.folder / str(window))
            disk.settle(self.folder)
            for old in sorted(self.windows())[:-KEPT]:
                remove_checkpoint(self.folder / str(old))
        self._saved_at, self._saved = time.monotonic(), window
        self._wait = max(INTERVAL, (self._saved_at - begun) / _SHARE)

    def windows(self) -> list[int]:
        """Returns the numbers of windows after which there are checkpoints, newest first."""
        if self.folder.is_symlink() or not self.folder.is_dir():
            return []
        names = [path.name for path in self.folder.iterdir() if not path.is_symlink()]
        return sorted({int(n) for n in names if n.isdecimal() and n.isascii() and len(n) < 19})[
            ::-1
        ]

    def newest(self) -> int:
        """Returns the number of windows that the newest whole checkpoint is after.

        Raises:
            InputError: If there is none.
        """
        return self.read().window

    def read(self) -> Kept:
        """Returns the newest checkpoint that is whole; of damaged ones a warning tells.

        Raises:
            InputError: If there is none.
        """
        reasons: list[str] = []
        for window in self.windows():
            kept, reason = None, ""
            try:
                kept = self._of(window)
            except InputError as error:
                reason = str(error)
            if agreed(int(kept is not None)) and kept is not None:
                for told in reasons:
                    warnings.warn(
                        f"{told}; the one after window {window} is used", DamageWarning, 3
                    )
                self._saved = window
                return kept
            reasons.append(reason or f"{self.folder / str(window)}: damaged for the first process")
        if reasons:
            raise InputError("; ".join(reasons))
        raise InputError(f"{self.folder}: no checkpoint to go on from")

    def _of(self, window: int) -> Kept:
        folder = self.folder / str(window)
        told, pieces = decode(folder / PART.format(0))
        if told["window"] != window:
            raise InputError(
                f"{folder}: the checkpoint of window {told['window']}, not of {window}"
            )
        for part in range(1, told["parts"]):
            other, more = decode(folder / PART.format(part))
            if other["window"] != window:
                raise InputError(f"{folder}: its parts are of several windows")
            pieces += more
        try:
            arrays = joined(pieces)
        except InputError as error:
            raise InputError(f"{folder}: {error}") from error
        chips = {name: value for name, value in arrays.items() if not name.startswith("+")}
        beside = {name[1:]: value for name, value in arrays.items() if name.startswith("+")}
        return Kept(window, told, beside, chips)


def restored(engine: Engine, kept: Kept, where: Path) -> Chips:
    """Returns the chips of a checkpoint, in as many places as there are devices for now.

    Args:
        engine: What advances them.
        kept: The checkpoint.
        where: What to name in a complaint.

    Raises:
        InputError: If they are not the chips of this run.
    """
    shapes = engine.shapes()
    wanted, structure = jax.tree_util.tree_flatten_with_path(shapes)
    names = [jax.tree_util.keystr(path) for path, _ in wanted]
    if set(names) != kept.chips.keys():
        missing = sorted(set(names) ^ kept.chips.keys())
        raise InputError(f"{where}: not a checkpoint of this run: only one has {missing[0]}")
    leaves = []
    for name, (_, leaf) in zip(names, wanted, strict=True):
        there = kept.chips[name]
        if there.shape[1:] != leaf.shape[1:] or len(there) < engine.members:
            raise InputError(
                f"{where}: not a checkpoint of this run: {name} is {there.shape}, not {leaf.shape}"
            )
        if there.dtype != leaf.dtype:
            raise InputError(
                f"{where}: not a checkpoint of this run: {name} is {there.dtype}, not {leaf.dtype}"
            )
        leaves.append(_placed(there[: engine.members], leaf))
    return engine.restore(jax.tree.unflatten(structure, leaves))


def _own_pieces(arrays: Any) -> Iterator[Piece]:
    """Yields the parts of arrays that this process has to write."""
    for path, leaf in jax.tree_util.tree_flatten_with_path(arrays)[0]:
        name = jax.tree_util.keystr(path)
        for shard in leaf.addressable_shards:
            if shard.replica_id == 0:
                start = tuple(one.start or 0 for one in shard.index)
                yield Piece(name, leaf.shape, start, np.asarray(shard.data))


def _placed(members: np.ndarray, wanted: Any) -> jax.Array:
    spare = wanted.shape[0] - len(members)
    if spare > 0:
        members = np.concatenate([members, np.repeat(members[-1:], spare, axis=0)])
    return jax.make_array_from_callback(
        wanted.shape, wanted.sharding, lambda index: np.array(members[index])
    )
