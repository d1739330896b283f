"""Damages a file of a run folder in one of five ways, and tells whether that was noticed."""

import random
import warnings
from pathlib import Path

import jax
import numpy as np

from neuromgd.chip.chip import weights
from neuromgd.errors import DamageWarning, InputError


def flip(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    changed[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def truncate(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(len(content))]


def zero(content: bytes, draw: random.Random) -> bytes:
    start, length = draw.randrange(len(content)), draw.choice([1, 8, 64, 512])
    middle = content[start : start + length]
    return content[:start] + bytes(len(middle)) + content[start + length :]


def swap(content: bytes, draw: random.Random) -> bytes:
    length = min(draw.choice([1, 4, 16, 64]), len(content) // 2)
    first = draw.randrange(len(content) - 2 * length + 1)
    second = draw.randrange(first + length, len(content) - length + 1)
    changed = bytearray(content)
    changed[first : first + length], changed[second : second + length] = (
        content[second : second + length], content[first : first + length],
    )  # fmt: skip
    return bytes(changed)


CHANGES = {"flip": flip, "truncate": truncate, "zero": zero, "swap": swap}
KINDS = (*CHANGES, "delete")


def damage(path: Path, kind: str, draw: random.Random) -> bool:
    """Damages a file, and returns whether it is another one now."""
    content = path.read_bytes()
    if kind == "delete":
        path.unlink()
        return True
    changed = CHANGES[kind](content, draw)
    path.write_bytes(changed)
    return changed != content


def files(folder: Path) -> list[Path]:
    """Returns all files of a run folder, relative to it."""
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def verdict(use, expected) -> str:
    """Returns what came of using a damaged folder: noticed, harmless or wrong.

    Args:
        use: () -> a run.
        expected: The run of the folder before it was damaged.
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            run = use()
        except InputError as error:
            return "traceback" if "\n" in str(error) else "noticed"
    if not is_same(run, expected):
        return "wrong"
    return "noticed" if any(issubclass(one.category, DamageWarning) for one in told) else "harmless"


def is_same(run, expected) -> bool:
    """Tells whether two runs have the same numbers, bit for bit."""
    pairs = zip(
        jax.tree.leaves(weights(run.chips)), jax.tree.leaves(weights(expected.chips)), strict=True
    )
    apart = {"wall_seconds", "checksum"}
    told = lambda run: {k: v for k, v in run.summary.items() if k not in apart}
    return (
        all(np.array_equal(one, other) for one, other in pairs)
        and run.history == expected.history
        and told(run) == told(expected)
        and run.config.windows == expected.config.windows
    )
