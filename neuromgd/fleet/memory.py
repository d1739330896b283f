"""How much memory there is, and what is said when it was not enough."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from neuromgd.errors import InputError


def of_machine(root: Path = Path("/")) -> int:
    """Returns the memory that this process may use [byte]: the machine's, or less in a container.

    Args:
        root: Where the file systems of the kernel are.
    """
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([there, *_limits(root)])


def _limits(root: Path) -> Iterator[int]:
    """Yields the limits of all control groups that this process is in, of both versions."""
    try:
        groups = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for group in groups:
        number, controllers, path = group.split(":", 2)
        if number == "0":
            top, name = root / "sys/fs/cgroup", "memory.max"
        elif "memory" in controllers.split(","):
            top, name = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
        else:
            continue
        # A group has no more than those that it is in; in a container the path may be the host's.
        inside = Path(path.lstrip("/"))
        for own in (inside, *inside.parents):
            with contextlib.suppress(OSError, ValueError):
                yield int((top / own / name).read_text(encoding="utf-8"))


@contextlib.contextmanager
def telling_of_memory() -> Iterator[None]:
    """Turns the failure to have memory into an InputError that says what to change."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:  # JAX's own errors are RuntimeErrors
        told = str(error)
        if not isinstance(error, MemoryError) and "RESOURCE_EXHAUSTED" not in told:
            raise
        asked = re.search(r"(\d{6,}) bytes", told)
        size = f" ({int(asked[1]) / 1e9:.3g} GB were asked for at once)" if asked else ""
        raise InputError(
            f"the run needs more memory than the {of_machine() / 1e9:.3g} GB that there are{size}:"
            " give fewer chips, smaller layers (--hidden), a smaller batch or less --memory"
        ) from error
