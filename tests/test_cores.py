"""The cores of the processor are devices, as many as there are chips for."""

import os
import subprocess
import sys

import pytest

from neuromgd import cores
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
jax.numpy.ones(3).sum()
"""


@pytest.mark.parametrize(
    ("first", "chips"), [("", None), ("import jax\n", 1), ("", 10_000), ("import jax\n", 3)]
)
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


@pytest.mark.parametrize(("jax", "is_told"), [("0.10.1", True), ("0.12.0.1", True), ("1.0", False)])
def test_only_versions_that_know_the_width_are_told(jax, is_told, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_max_hlo_modules=1")
    monkeypatch.setattr(cores, "version", lambda name: jax)
    cores.use_cores()
    told = os.environ["XLA_FLAGS"].split()
    assert told[0] == "--xla_dump_max_hlo_modules=1"
    assert ("--xla_cpu_prefer_vector_width=512" in told) == is_told
    cores.use_cores()
    assert os.environ["XLA_FLAGS"].split() == told
