"""What breaks under a job, at one of its steps on the disk: it, its disk, or its folder."""

import errno
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

# Calls of the system after which a folder is another.
_CALLS = ("open", "fsync", "replace", "rename", "unlink", "mkdir", "rmdir")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT

# What fills a disk, beside the folder of the job, and where a folder goes that is moved.
FILLER, ELSEWHERE = "of another", "elsewhere"


def mount(*arguments: str) -> bool:
    """Mounts, and returns whether that was allowed: only root may, and not in every container."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


class Steps:
    """Counts what changes the disk, and breaks something before one of the steps.

    Attributes:
        done: Steps since the job began.
    """

    def __init__(self) -> None:
        self.done, self._at, self._is_read_only = 0, -1, False
        self._breaks: Callable[[], bool]
        for name in _CALLS:
            setattr(os, name, self._counted(name, getattr(os, name)))

    def begin(self, at: int, fault: str, out: Path) -> None:
        """Counts from 0 again; a fault comes about at a step, or as soon after it as it can."""
        self.done, self._at = 0, at
        self._breaks = lambda: getattr(self, f"_{fault.replace(' ', '_').replace('-', '_')}")(out)

    def end(self) -> int:
        """Makes good what only this process knew, and returns the steps."""
        self._at, self._is_read_only = -1, False
        most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        return self.done

    def _counted(self, name: str, own: Callable) -> Callable:
        def step(*given, **named):
            if 0 <= self._at <= self.done:
                at, self._at = self._at, -1  # what breaks things takes steps as well
                self._at = -1 if self._breaks() else at
            self.done += 1
            flags = given[1] if len(given) > 1 else named.get("flags", 0)
            is_change = name not in ("open", "fsync") or (name == "open" and flags & _WRITES)
            if self._is_read_only and is_change:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
            return own(*given, **named)

        return step

    def _killed(self, out: Path) -> bool:
        os.kill(os.getpid(), signal.SIGKILL)
        return True

    def _filled(self, out: Path) -> bool:
        if not os.path.ismount(out.parent):
            return self._no_larger(0)
        try:
            with (out.parent / FILLER).open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
        except OSError:
            return True

    def _too_small(self, out: Path) -> bool:
        return os.path.ismount(out.parent) or self._no_larger(2**14)

    def _no_larger(self, most: int) -> bool:
        """Lets the system refuse what makes a file larger than so many bytes."""
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (most, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        )
        return True

    def _read_only(self, out: Path) -> bool:
        # The file that is locked is open to be written, so that its own mount stays what it is:
        # one upon it refuses.
        disk = str(out.parent)
        is_own = os.path.ismount(disk) and mount("--bind", disk, disk)
        self._is_read_only = not (is_own and mount("-o", "remount,ro,bind", disk))
        return True

    def _moved(self, out: Path) -> bool:
        is_there = out.exists()
        if is_there:
            out.rename(out.parent / ELSEWHERE)
        return is_there

    def _removed(self, out: Path) -> bool:
        is_there = out.exists()
        shutil.rmtree(out, ignore_errors=True)
        return is_there
