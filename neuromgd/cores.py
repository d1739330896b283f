"""The whole of a processor: every core as a device of its own, and its widest vectors.

One small chip keeps one core busy, whatever its arrays are made of; many chips need not wait for
each other. Imports no JAX: all this is fixed when JAX starts.
"""

import os
import sys
from importlib.metadata import version

# Every device has a copy of the training set: MNIST's on 16 takes 0.8 GB.
MOST = 16

# XLA uses half the width of a processor with AVX-512 unless told: a noisy window takes a tenth
# longer. A flag that XLA does not know ends the process, so only versions that know it are told.
_WIDTH = "xla_cpu_prefer_vector_width"
_KNOWN_UP_TO = (0, 12)


def use_cores(chips: int | None = None) -> int:
    """Lets JAX see several cores as devices, and use their full width.

    Must come before the first computation.

    ``neuromgd train`` and ``sweep`` begin with this; a script may call it first. Devices that are
    asked for by ``JAX_NUM_CPU_DEVICES`` or ``XLA_FLAGS`` stay as they are.

    Args:
        chips: No more devices than these; None: one for every core, up to ``MOST``.

    Returns:
        How many devices the processor is from now on, 0 where others decide.

    Raises:
        RuntimeError: If JAX has computed already.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if _WIDTH not in flags and tuple(map(int, version("jax").split(".")[:2])) <= _KNOWN_UP_TO:
        os.environ["XLA_FLAGS"] = f"{flags} --{_WIDTH}=512".strip()
    if "JAX_NUM_CPU_DEVICES" in os.environ or "host_platform_device_count" in flags:
        return 0
    affinity = getattr(os, "sched_getaffinity", None)
    cores = min(MOST, len(affinity(0)) if affinity else os.cpu_count() or 1)
    count = cores if chips is None else max(1, min(cores, chips))
    if "jax" in sys.modules:
        sys.modules["jax"].config.update("jax_num_cpu_devices", count)
    else:
        os.environ["JAX_NUM_CPU_DEVICES"] = str(count)
    return count
