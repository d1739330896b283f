"""Checkpoints: the chips of a run on disk, so that an interrupted run goes on where it was."""

import time
from pathlib import Path
from typing import Any

import jax

from neuromgd.errors import InputError
from neuromgd.fleet.engine import Chips, Engine
from neuromgd.fleet.processes import agreed
from neuromgd.study.folder import CHECKPOINTS

# Seconds between two checkpoints: a killed run loses no more than these and one chunk.
INTERVAL = 5.0


class Checkpoints:
    """The newest state of the chips of one run, in its folder.

    Attributes:
        folder: Where they are.
    """

    def __init__(self, run: Path):
        self.folder = run / CHECKPOINTS
        self._manager: Any = None
        self._saved_at = time.monotonic()
        self._saved: int | None = None

    def add(self, engine: Engine, window: int, chips: Chips, is_last: bool = False) -> None:
        """Keeps the chips after a window, if the last time is long ago or the run is over."""
        is_due = is_last or time.monotonic() - self._saved_at >= INTERVAL
        if not agreed(is_due) or window == self._saved:
            return
        from orbax.checkpoint import args

        leaves = {str(i): leaf for i, leaf in enumerate(jax.tree.leaves(engine.save(chips)))}
        self._open().save(window, args=args.StandardSave(leaves))
        self._saved_at, self._saved = time.monotonic(), window

    def close(self) -> None:
        """Waits until all is on the disk."""
        if self._manager is not None:
            self._manager.wait_until_finished()
            self._manager.close()
            self._manager = None

    def newest(self) -> int:
        """Returns the number of windows that the kept chips have done.

        Raises:
            InputError: If there are none.
        """
        newest = self._open().latest_step() if self.folder.is_dir() else None
        if newest is None:
            raise InputError(f"{self.folder}: no checkpoint to go on from")
        return newest

    def load(self, engine: Engine, window: int) -> Chips:
        """Returns the kept chips, in as many places as there are devices for now.

        Args:
            engine: What advances them.
            window: From ``newest``.

        Raises:
            InputError: If what is there are not the chips of this run.
        """
        from orbax.checkpoint import args

        shapes = engine.shapes()
        wanted = {str(i): leaf for i, leaf in enumerate(jax.tree.leaves(shapes))}
        try:
            manager = self._open()
            _same_but_for_spare(manager.item_metadata(window), wanted, engine.members)
            kept = manager.restore(window, args=args.StandardRestore(wanted, strict=False))
            leaves = [kept[name] for name in wanted]
        except (KeyError, ValueError, TypeError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"{self.folder}: not a checkpoint of this run: {reason}") from error
        return engine.restore(jax.tree.unflatten(jax.tree.structure(shapes), leaves))

    def _open(self) -> Any:
        if self._manager is None:
            # Orbax takes a second to import: only a run that lasts pays for it.
            import orbax.checkpoint as ocp

            self._manager = ocp.CheckpointManager(
                self.folder.resolve(),
                item_handlers=ocp.StandardCheckpointHandler(),
                options=ocp.CheckpointManagerOptions(max_to_keep=1),
            )
        return self._manager


def _same_but_for_spare(kept: Any, wanted: dict[str, Any], members: int) -> None:
    for name, leaf in wanted.items():
        there = kept[name]
        if there.shape[1:] != leaf.shape[1:] or there.shape[0] < members:
            raise ValueError(f"an array of {there.shape}, not {leaf.shape}")
    if len(kept.keys()) != len(wanted):
        raise ValueError(f"{len(kept.keys())} arrays, not {len(wanted)}")
