"""``neuromgd doctor``: what is installed, what is found, and whether a small run learns."""

import os
import platform
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from neuromgd.errors import InputError

HELP = """usage: neuromgd doctor

Tells versions, processors, the cache of compiled programs and the data sets that are found, and
trains a small chip for some seconds; ends with status 2 if that does not learn."""

PACKAGES = ("neuromgd", "jax", "jaxlib", "flax", "optax", "numpy", "scipy", "pyarrow", "matplotlib")
# Of the self-test: 2-2-1 parity, which the ideal chips of this seed solve.
TASK, CHIPS, WINDOWS = "parity", 4, 2_000


def main(arguments: list[str]) -> None:
    """Runs ``neuromgd doctor``."""
    if any(option in ("-h", "--help") for option in arguments):
        print(HELP)
        return
    if arguments:
        raise InputError(f"doctor: takes no options, read {arguments[0]!r}")
    for name, told in findings():
        print(f"{name:<14}{told}")
    start = time.perf_counter()
    first, last = learns()
    took = time.perf_counter() - start
    if not last < first:
        raise InputError(
            f"doctor: the self-test did not learn: its cost went from {first:.3g} to {last:.3g};"
            " the versions above are what to report"
        )
    print(f"{'self-test':<14}learns: cost {first:.3g} to {last:.3g}, in {took:.1f} s")


def findings() -> Iterator[tuple[str, str]]:
    """Yields what is found, as (name, text)."""
    import jax  # only here: a complaint about an option costs no import

    from neuromgd.names import TASKS as NAMES

    yield "python", f"{platform.python_version()} on {platform.platform()}"
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "missing"
    devices = ", ".join(f"{one.platform} {one.device_kind}" for one in jax.devices())
    yield "devices", f"{devices}; {os.cpu_count()} cores"
    cache = jax.config.jax_compilation_cache_dir  # pyright: ignore[reportAttributeAccessIssue]
    yield "cache", str(cache or "off")
    data = os.environ.get("NEUROMGD_DATA")
    if not data:
        yield "data", "NEUROMGD_DATA is not set; digits and generated tasks need none"
        return
    there = [name for name in NAMES if (Path(data) / name).is_dir()]
    yield "data", f"{data}: {', '.join(there) or 'no folder of a task in it'}"


def learns() -> tuple[float, float]:
    """Returns the first and the last cost of a small run."""
    from neuromgd.options.config import Config
    from neuromgd.study.train import train

    with tempfile.TemporaryDirectory() as folder:
        config = Config(task=TASK, ideal=True, chips=CHIPS, windows=WINDOWS, out=f"{folder}/run")
        rows = train(config).history
    return rows[0].cost, rows[-1].cost
