"""What a run is: all that must stay the same when it goes on, and what may change."""

import hashlib
import platform
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import jax
import msgspec
import numpy as np

from neuromgd.data.dataset import Dataset
from neuromgd.errors import InputError
from neuromgd.options.cell import sheets_of
from neuromgd.options.config import Config
from neuromgd.options.device import DeviceConfig
from neuromgd.options.transfer import slow_options
from neuromgd.plan.plan import Plan
from neuromgd.sheets import device, library

# Options that change no number of the windows that are done: how long, where, in how much memory.
FREE = ("steps", "windows", "epochs", "out", "memory", "data_dir")

_SHOWN = 8


def identity(config: Config, plan: Plan, over: list[str]) -> dict[str, Any]:
    """Returns what a checkpoint tells of its run, as plain values.

    Args:
        config: What is run.
        plan: What is run, prepared.
        over: What differs between the chips of a sweep; []: no sweep.
    """
    return {
        "options": options_kept(config),
        "over": over,
        "sources": {
            "device sheet": _sheet_digest(config.device),
            "device sheet of slow cells": _sheet_digest(slow_options(config.transfer)),
            "platform sheet": config.platform and _digest(
                library.locate("platforms", config.platform).read_bytes()
            ),
            "data": _digest(*_bytes(plan.data)),
        },
        "versions": versions(),
    }  # fmt: skip


def options_kept(config: Config) -> dict[str, Any]:
    """Returns all options that must stay, by their dotted names, as a file keeps them."""
    tree = msgspec.to_builtins(config)
    return {name: value for name, value in _flat(tree) if name not in FREE}


def versions() -> dict[str, str]:
    """Returns the versions of all that has a part in the numbers."""
    names = ("neuromgd", "jax", "jaxlib", "flax", "optax", "numpy")
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in names},
        "backend": jax.default_backend(),
    }


def refuse_another(kept: dict[str, Any], now: dict[str, Any], where: str) -> None:
    """Raises InputError, saying what differs, unless the run may go on as what it is now.

    The rule: its length may change; nothing else that has a part in its numbers may.
    """
    was, now_is = kept["options"], now["options"]
    changed = [
        f"{name} was {was.get(name)!r}, is {now_is.get(name)!r}"
        for name in dict.fromkeys([*was, *now_is])
        if was.get(name) != now_is.get(name)
    ]
    if kept["over"] != now["over"]:
        changed.append(f"over was {kept['over']}, is {now['over']}")
    changed += [
        f"the {name} has another content"
        for name, digest in kept["sources"].items()
        if digest != now["sources"].get(name)
    ]
    if changed:
        more = f" (and {len(changed) - _SHOWN} more)" if len(changed) > _SHOWN else ""
        raise InputError(
            f"{where}: a run goes on as it began, but {'; '.join(changed[:_SHOWN])}{more}"
        )


def other_versions(kept: dict[str, Any]) -> list[str]:
    """Returns which versions differ from those that the run began with."""
    return [
        f"{name} {was}, now {now}"
        for name, now in versions().items()
        if (was := kept["versions"].get(name)) != now
    ]


def _flat(tree: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        # As a file keeps it, which has lists alone.
        kept = list(value) if isinstance(value, tuple) else value
        found += _flat(value, f"{name}.") if isinstance(value, dict) else [(name, kept)]
    return found


def _sheet_digest(options: DeviceConfig) -> str | None:
    """Returns what the device sheets of some cells hold; None: they have none."""
    found = [device.load(one).digest for one in sheets_of(options) if one is not None]
    return ",".join(found) or None


def _digest(*parts: bytes | memoryview) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _bytes(data: Dataset) -> Iterator[bytes | memoryview]:
    for values in (data.train_x, data.train_y, data.test_x, data.test_y):
        values = np.ascontiguousarray(values)
        yield f"{values.dtype.str} {values.shape} ".encode()
        yield values.reshape(-1).view(np.uint8).data
