"""Workers of the campaign: processes that run, go on and can be killed, at any moment or step."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

import msgspec

from neuromgd.cli.main import _interrupt
from neuromgd.cli.train import resumed
from neuromgd.errors import InputError, StoppedError, StorageError
from neuromgd.options.config import BusConfig, Config, LearningConfig
from neuromgd.options.device import DeviceConfig
from neuromgd.options.exploration import Exploration
from neuromgd.options.grid import FILE as SWEEP
from neuromgd.options.searches import EXPLORATION, TOLERANCE
from neuromgd.options.tolerance import Tolerance
from neuromgd.study import pace
from neuromgd.study.checkpoint import Checkpoints
from neuromgd.study.explore import explore
from neuromgd.study.folder import CHECKPOINTS
from neuromgd.study.searches import begun
from neuromgd.study.sweep import sweep
from neuromgd.study.tolerate import tolerate
from neuromgd.study.train import train
from tests.campaign import broken

# Little to compile, with a source of noise in every part.
RUN = Config(
    task="parity", chips=2, windows=300, log_every=10, seed=3, ideal=True,
    learning=LearningConfig(schedule="constant"), bus=BusConfig(cost_noise=1e-3),
    device=DeviceConfig(write_noise=0.01),
)  # fmt: skip
# Two groups of two points, of one program.
OVER = ["device.write_noise=0.001,0.01", "seed=3,4"]
SEARCHED = Tolerance(numbers=["bus.cost_noise=log:1e-4:1"], target=0.7, rounds=2, places=2)
EXPLORED = Exploration(over=["device.write_noise=log:1e-3:1e-1"], trials=4)
SHORTER = msgspec.structs.replace(RUN, windows=60)
# What is there, once there is something to go on with.
_BEGUN = {"sweep": SWEEP, "tolerate": TOLERANCE.file, "explore": EXPLORATION.file}
# How it is searched, and what for.
SEARCHES = {
    "tolerate": (tolerate, TOLERANCE, SEARCHED),
    "explore": (explore, EXPLORATION, EXPLORED),
}

# Imports JAX once for all workers, and starts no thread of it.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.campaign.worker"])

# Seconds of a processor that a job may take, and of a process that neither computes nor waits for a
# processor or a disk: after these it hangs.
_WORKS, _IDLES = 600.0, 120.0
HANGS = 98


def serve(pipe) -> None:
    """Does one job after the other: (kind, folder, whether to go on, step, fault at it)."""
    for number in (signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, _interrupt)
    Checkpoints.is_due = lambda self: True
    pace.SECONDS = 0.02
    steps = broken.Steps()
    while True:
        try:
            kind, out, is_resumed, step, fault = pipe.recv()
        except KeyboardInterrupt:  # the job before ended first
            continue
        except EOFError:
            return
        steps.begin(step, fault, Path(out))
        end = _ended(lambda k=kind, o=out, r=is_resumed: _work(k, Path(o), r, pipe))
        pipe.send((*end, steps.end()))


def _work(kind: str, out: Path, is_resumed: bool, pipe) -> None:
    def watch(row, windows):
        pipe.send(row.window)

    if kind == "train":
        config = resumed(out, Config()) if is_resumed else None
        begin = config or msgspec.structs.replace(RUN, out=str(out))
        train(begin, watch, is_resumed=is_resumed, may_overwrite=True)
    elif kind == "sweep":
        config = msgspec.structs.replace(SHORTER, out=str(out))
        sweep(config, OVER, watch, is_resumed, may_overwrite=True)
    else:
        search, of, wanted = SEARCHES[kind]
        config, wanted = begun(of, out) if is_resumed else (SHORTER, wanted)
        config = msgspec.structs.replace(config, out=str(out))
        search(config, wanted, lambda _: pipe.send(0), is_resumed, may_overwrite=True)


def _ended(work: Callable[[], None]) -> tuple[int, str]:
    """Returns exit status and words as the command line has them; 99 for anything unforeseen."""
    try:
        work()
    except (InputError, StorageError) as error:
        if "\n" in str(error):
            return 99, f"several lines: {error}"
        return (2 if isinstance(error, InputError) else 1), str(error)
    except StoppedError as error:
        return 128 + error.number, ""
    except KeyboardInterrupt:
        return 130, ""
    except BaseException as error:
        return 99, f"unforeseen: {type(error).__name__}: {error}"
    return 0, ""


def is_begun(kind: str, out: Path) -> bool:
    """Tells whether there is something to go on with; else it is begun again."""
    if kind == "train":
        return any((out / CHECKPOINTS).glob("[0-9]*"))
    return (out / _BEGUN[kind]).exists()


class Worker:
    """A process that does one job after the other, until it is killed.

    Attributes:
        windows: Of the rows that the job has told so far.
        told: What it said at its end.
        steps: That it took.
    """

    def __init__(self) -> None:
        self._pipe, other = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=serve, args=(other,), daemon=True)
        self._process.start()
        other.close()

    def start(
        self, kind: str, out: Path, is_resumed: bool = False, step: int = -1, fault: str = "killed"
    ) -> None:
        """Begins a job; before a step, if one is named, a fault of ``broken`` comes about."""
        if not self._process.is_alive():
            self.__init__()
        self.windows: list[int] = []
        self.told, self.steps = "", 0
        self._status: int | None = None
        self._pipe.send((kind, str(out), is_resumed, step, fault))

    def _hear(self, patience: float) -> None:
        try:
            if self._pipe.poll(patience):
                said = self._pipe.recv()
                if isinstance(said, int):
                    self.windows.append(said)
                else:
                    self._status, self.told, self.steps = said
        except (EOFError, OSError):
            self._process.join(30)
            self._status = self._process.exitcode

    def until_told(self, rows: int) -> None:
        """Waits for so many rows of the job, or its end."""
        while len(self.windows) < rows and self._status is None:
            self._hear(0.2)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Sends a signal, if the job is not over."""
        if self._status is None and self._process.pid:
            os.kill(self._process.pid, number)

    def end(self) -> int:
        """Waits for the end of the job and returns its exit status; ``HANGS`` if there is none.

        A machine that has no time for it makes no job hang.
        """
        first = before = self._spent()
        idles = 0.0
        while self._status is None:
            self._hear(0.2)
            now = self._spent()
            idles = 0.0 if now > before or not self._sleeps() else idles + 0.2
            before = now
            if self._status is None and (now - first > _WORKS or idles > _IDLES):
                self.quit()
                self._status, self.told = HANGS, "hangs"
        return self._status

    def _spent(self) -> float:
        """Returns the seconds of processors that the process took so far."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _sleeps(self) -> bool:
        """Tells whether no thread of the process runs, or would if there were a processor."""
        try:
            threads = list(Path(f"/proc/{self._process.pid}/task").glob("*/stat"))
            return all(one.read_text().rpartition(")")[2].split()[0] not in "RD" for one in threads)
        except OSError:
            return False

    def quit(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.join()
