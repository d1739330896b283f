"""The cores of the processor are devices, as many as there are chips for."""

import os
import subprocess
import sys

import pytest

from neuromgd.cores import MOST

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
CORES = min(CORES, MOST)


def seen(code, **environment):
    kept = {k: v for k, v in os.environ.items() if k not in ("JAX_NUM_CPU_DEVICES", "XLA_FLAGS")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=kept | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return [int(number) for number in done.stdout.split()]


CODE = """
from neuromgd.cores import use_cores
print(use_cores({chips}))
import jax
print(jax.device_count())
"""


@pytest.mark.parametrize("first", ["", "import jax\n"])
@pytest.mark.parametrize("chips", [None, 1, 3, 10_000])
def test_there_are_as_many_devices_as_cores_or_chips(first, chips):
    wanted = CORES if chips is None else min(chips, CORES)
    assert seen(first + CODE.format(chips=chips)) == [wanted, wanted]


@pytest.mark.parametrize(
    "asked",
    [{"JAX_NUM_CPU_DEVICES": "3"}, {"XLA_FLAGS": "--xla_force_host_platform_device_count=3"}],
)
def test_who_asks_for_devices_gets_those(asked):
    assert seen(CODE.format(chips=None), **asked) == [0, 3]


def test_after_the_first_computation_it_is_too_late():
    code = "import jax\njax.devices()\n" + CODE.format(chips=7)
    with pytest.raises(AssertionError, match="before backends are initialized"):
        seen(code)
