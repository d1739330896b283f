"""Runs of the campaign, each in a process of its own that may be killed."""

import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

import msgspec

from neuromgd.cli.main import _interrupt
from neuromgd.cli.train import resumed
from neuromgd.errors import InputError, StoppedError, StorageError
from neuromgd.options.config import BusConfig, Config, LearningConfig
from neuromgd.options.device import DeviceConfig
from neuromgd.study import pace
from neuromgd.study.checkpoint import Checkpoints
from neuromgd.study.sweep import sweep
from neuromgd.study.train import train

# Little to compile, with a source of noise in every part.
RUN = Config(
    task="parity", chips=2, windows=300, log_every=10, seed=3, ideal=True,
    learning=LearningConfig(schedule="constant"), bus=BusConfig(cost_noise=1e-3),
    device=DeviceConfig(write_noise=0.01),
)  # fmt: skip
OVER = ["device.write_noise=0,0.01", "synapse.code=rademacher,gaussian"]

# Imports JAX once for all children, and starts no thread of it.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.campaign.child"])


def work(kind: str, out: str, is_resumed: bool, told) -> None:
    """Runs or goes on in a folder; exits as the command line does, 99 for anything unforeseen."""
    for number in (signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, _interrupt)
    Checkpoints.is_due = lambda self: True
    pace.SECONDS = 0.02
    folder = Path(out)

    def watch(row, windows):
        told.send(row.window)

    try:
        if kind == "train":
            config = resumed(folder, Config()) if is_resumed else None
            train(
                config or msgspec.structs.replace(RUN, out=out), watch, is_resumed=is_resumed,
                may_overwrite=True,
            )  # fmt: skip
        else:
            sweep(
                msgspec.structs.replace(RUN, windows=100, out=out), OVER, watch, is_resumed,
                may_overwrite=True,
            )  # fmt: skip
    except (InputError, StorageError) as error:
        told.send(str(error))
        if "\n" in str(error):
            sys.exit(99)
        sys.exit(2 if isinstance(error, InputError) else 1)
    except StoppedError as error:
        sys.exit(128 + error.number)
    except KeyboardInterrupt:
        sys.exit(130)
    except BaseException as error:
        told.send(f"unforeseen: {type(error).__name__}: {error}")
        sys.exit(99)


class Child:
    """A process that runs or goes on in a folder."""

    def __init__(self, kind: str, out: Path, is_resumed: bool = False):
        self.said: list[int | str] = []
        self._told, other = CONTEXT.Pipe(duplex=False)
        self.process = CONTEXT.Process(target=work, args=(kind, str(out), is_resumed, other))
        self.process.start()
        other.close()

    def hear(self, patience: float) -> bool:
        """Takes what it says next, and returns whether there was something."""
        try:
            if self._told.poll(patience):
                self.said.append(self._told.recv())
                return True
        except (EOFError, OSError):
            self.process.join(patience)
        return False

    def until_it_computes(self) -> None:
        """Waits for its first row."""
        while not self.said and self.process.is_alive():
            self.hear(0.2)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Sends it a signal."""
        if self.process.is_alive():
            os.kill(self.process.pid, number)

    def end(self, patience: float = 120.0) -> int:
        """Waits for its end and returns its exit status."""
        deadline = time.monotonic() + patience
        while self.process.is_alive() and time.monotonic() < deadline:
            self.hear(0.05)
        while self.hear(0):
            pass
        assert not self.process.is_alive(), "it hangs"
        self.process.join()
        return int(self.process.exitcode or 0)
