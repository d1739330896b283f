"""Several processes that run one command together, on one machine or many.

The engine is JAX's own: after ``join``, its devices are those of all processes, every process runs
the same program, and arrays live in parts in all of them. The first process leads: it alone writes
and prints.
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils

from neuromgd.errors import DivergedError, InputError, LostProcessError

# Seconds without a sign of life after which a process counts as lost, and to wait for all at start.
HEARTBEAT = 30
PATIENCE = 120

# What the transports (gloo, NCCL, gRPC) say when the other end is gone.
_GONE = ("gloo", "nccl", "connection", "heartbeat", "socket", "deadline_exceeded", "unavailable")


def join(coordinator: str | None, processes: int | None, process: int | None) -> None:
    """Makes this process one of several; must come before any other use of JAX.

    Args:
        coordinator: host:port at which the first process listens; None, like the other two: as
            SLURM, Open MPI, a cloud or ``JAX_COORDINATOR_ADDRESS`` tell.
        processes: How many there are.
        process: Number of this one, from 0.

    Raises:
        InputError: If they do not come together.
    """
    _keep_stdout()
    try:
        jax.distributed.initialize(
            coordinator, processes, process,
            # JAX would listen on all addresses of the machine.
            coordinator_bind_address=coordinator,
            initialization_timeout=PATIENCE, heartbeat_timeout_seconds=HEARTBEAT,
        )  # fmt: skip
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"option distributed: the processes did not come together: {reason}; give"
            " --coordinator HOST:PORT, --processes and --process, or start them by srun or mpirun"
        ) from error


def is_leader() -> bool:
    """Tells whether this process writes and prints."""
    return not has_joined() or jax.process_index() == 0


def number() -> int:
    """Returns the number of this process, from 0."""
    return jax.process_index()


def has_joined() -> bool:
    """Tells whether there are other processes."""
    return jax.distributed.is_initialized()


def agreed(number: int) -> int:
    """Returns the leader's number in all processes."""
    if not has_joined():
        return number
    return int(multihost_utils.broadcast_one_to_all(np.uint32(number)))


def meet(name: str) -> None:
    """Waits until all processes are here."""
    if has_joined():
        multihost_utils.sync_global_devices(name)


def to_host(array: Any) -> np.ndarray:
    """Returns a whole array, wherever its parts are."""
    if isinstance(array, jax.Array) and not (
        array.is_fully_addressable or array.is_fully_replicated
    ):
        return np.asarray(multihost_utils.process_allgather(array, tiled=True))
    return np.asarray(array)


@contextlib.contextmanager
def telling_of_losses() -> Iterator[None]:
    """Turns the failure of an exchange between processes into a LostProcessError."""
    try:
        yield
    except (InputError, DivergedError):
        raise
    except (ValueError, RuntimeError) as error:  # JAX's own errors are of these
        told = str(error).lower()
        if not has_joined() or not any(word in told for word in _GONE):
            raise
        raise LostProcessError(
            "another process is lost; its own output tells why"
            f" ({str(error).splitlines()[0][:200]})"
        ) from error


def leave(status: int) -> None:
    """Ends this process at once after a failure: the usual end would wait for all the others."""
    sys.stdout.flush()
    sys.stderr.flush()
    if is_leader():
        time.sleep(1)  # its end ends the others, before they can tell what they know
    os._exit(status)


def _keep_stdout() -> None:
    # Gloo writes to file descriptor 1 from C++, between the lines of a summary.
    sys.stdout.flush()
    sys.stdout = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
