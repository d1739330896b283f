"""The command line: finds the command and hands it the rest, so that help costs no import."""

import errno
import gc
import importlib
import io
import os
import signal
import sys
import warnings
from typing import Any

from neuromgd import __version__
from neuromgd.errors import DivergedError, InputError, LostProcessError, StoppedError, StorageError
from neuromgd.names import COMMANDS
from neuromgd.nearest import suggestion
from neuromgd.program_cache import keep_programs
from neuromgd.shown import limited, one_line


def help_text() -> str:
    """Returns the overview that ``neuromgd --help`` prints."""
    width = max(map(len, COMMANDS), default=0)
    lines = [f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join(
        [
            "usage: neuromgd COMMAND [OPTIONS]",
            "",
            "Simulates neuromorphic chips that train themselves by multiplexed gradient descent.",
            "",
            "commands:",
            *lines,
            "",
            "neuromgd COMMAND --help tells the options of one command.",
            "",
            "environment:",
            "  NEUROMGD_DATA   folder with the data sets",
            "  NEUROMGD_CACHE  folder for compiled programs (~/.cache/neuromgd), or off",
        ]
    )


def _interrupt(number: int, frame: Any) -> None:
    raise StoppedError(number)


_interrupt.ends_runs_well = True  # pyright: ignore[reportFunctionMemberAccess]


def _warn(message: Warning | str, *_: Any) -> None:
    print(f"neuromgd: {one_line(limited(str(message)))}", file=sys.stderr)


def main() -> None:
    """Runs one command; what a user did wrong is told in one line, with exit status 2."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(help_text())
        return
    if arguments[0] in ("-V", "--version"):
        print(f"neuromgd {__version__}")
        return
    for stream in (sys.stdout, sys.stderr):
        # A terminal without our letters shows their numbers.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # A warning is one line for the user, without the place in our code that gave it.
    warnings.showwarning = _warn
    try:
        # Before a run listens itself, a signal that asks to end is an interruption like any other.
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _interrupt)
            signal.signal(signal.SIGUSR1, _interrupt)
        if arguments[0] not in COMMANDS:
            known = ", ".join(COMMANDS)
            near = suggestion(arguments[0], COMMANDS)
            raise InputError(f"unknown command {arguments[0]!r}; there are {known}{near}")
        module, _ = COMMANDS[arguments[0]]
        keep_programs()  # before a command imports JAX
        # Imports and tracing make objects that stay: to look for garbage among them takes 0.3 s.
        gc.set_threshold(500_000)
        importlib.import_module(module).main(arguments[1:])
        sys.stdout.flush()
    except InputError as error:
        print(f"neuromgd: {one_line(limited(str(error)))}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (DivergedError, LostProcessError, StorageError) as error:
        print(f"neuromgd: {one_line(limited(str(error)))}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
            raise
        print(f"neuromgd: the output cannot be written: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except RuntimeError as error:
        # JAX is imported inside commands, and says so when it is asked for its devices.
        if "Unable to initialize backend" not in str(error):
            raise
        asked = os.environ.get("JAX_PLATFORMS", "")
        reason = str(error).partition("\n")[0]
        print(f"neuromgd: JAX_PLATFORMS = {asked!r}: {one_line(limited(reason))}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt as stop:
        print("neuromgd: interrupted", file=sys.stderr)
        sys.exit(128 + (stop.number if isinstance(stop, StoppedError) else signal.SIGINT))
