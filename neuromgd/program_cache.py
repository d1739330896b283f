"""Compiled programs are kept on disk, so that the same shapes start at once the next time.

Imports no JAX: what JAX reads when it is imported is put into the environment.
"""

import hashlib
import os
import platform
import sys
import warnings
from pathlib import Path

from neuromgd.checked_programs import check_programs

# What JAX is told beside the folder: every program is worth keeping, since tens of small ones add
# up to seconds, until all of them together reach 1 GiB; then those longest unused go.
_SETTINGS: dict[str, int | float] = {
    "jax_persistent_cache_min_compile_time_secs": 0.0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
    "jax_compilation_cache_max_size": 2**30,
}


def keep_programs() -> Path | None:
    """Keeps compiled programs in a folder of the user.

    Every command of the command line begins with this; a script may call it first. The folder is
    ``NEUROMGD_CACHE``, else ``neuromgd`` under ``XDG_CACHE_HOME`` or ``~/.cache``; a folder that
    JAX itself was given (``JAX_COMPILATION_CACHE_DIR``) stands over both.

    Returns:
        The folder; None if ``NEUROMGD_CACHE`` is ``off``, JAX has its own or it cannot be written.
    """
    if os.environ.get("NEUROMGD_CACHE") == "off" or "JAX_COMPILATION_CACHE_DIR" in os.environ:
        return None
    try:
        folder = _home() / f"programs-{_processor()}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (reason := _unsafe(folder)) is not None:
            warnings.warn(f"{folder}: no programs are kept there: {reason}", stacklevel=2)
            return None
    except (OSError, RuntimeError):  # no place to write, or no home
        return None
    if not os.access(folder, os.W_OK | os.X_OK):
        return None
    settings = _SETTINGS | {"jax_compilation_cache_dir": str(folder)}
    for name, value in settings.items():
        os.environ.setdefault(name.upper(), str(value))
        if "jax" in sys.modules:
            sys.modules["jax"].config.update(name, value)
    check_programs()
    # XLA takes its own tuning flags (+prefer-no-gather) for features that the processor lacks, and
    # says so in 2,000 characters for every program; the folder's name already tells processors
    # apart. What goes wrong for good is an exception, not a line in this log.
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL", "1") == "1":  # what JAX itself sets
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    # A full disk or a damaged file costs time, not results.
    warnings.filterwarnings("ignore", message="Error (reading|writing) persistent compilation")
    return folder


def _unsafe(folder: Path) -> str | None:
    """Returns why what lies in a folder must not be run; None: nobody else can have put it there.

    A compiled program runs with all that its user may do.
    """
    if not hasattr(os, "getuid"):
        return None
    told = folder.stat()
    if told.st_uid != os.getuid():
        return "it belongs to another user"
    if told.st_mode & 0o022:
        return "other users can write to it (chmod 700 makes it yours alone)"
    if told.st_mode & 0o055:
        folder.chmod(0o700)
    return None


def _home() -> Path:
    own = os.environ.get("NEUROMGD_CACHE")
    if own:
        return Path(own)
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "neuromgd"


def _processor() -> str:
    """Returns a name for the instructions that this processor has: homes may be shared."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    known = [line for line in lines if line.startswith(("model name", "flags", "Features"))]
    told = "".join(sorted(set(known))) or platform.processor()
    return hashlib.sha256(f"{platform.machine()} {told}".encode()).hexdigest()[:12]
