"""Every core of the processor as a device of its own, so that chips are dealt out over them.

One small chip keeps one core busy, whatever its arrays are made of; many chips need not wait for
each other. Imports no JAX: the number of devices is fixed when JAX starts.
"""

import os
import sys

# Every device has a copy of the training set: MNIST's on 16 takes 0.8 GB.
MOST = 16


def use_cores(chips: int | None = None) -> int:
    """Lets JAX see several cores as devices; must come before the first computation.

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
