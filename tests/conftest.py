"""Strict switches for every test: what these catch is silent otherwise."""

import os

from tests.long_cases import listed, name_of
from tests.xla_flags import quick

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ["JAX_NUM_CPU_DEVICES"] = (
    "1"  # the same on every machine; tests of several start their own
)
os.environ["NEUROMGD_CACHE"] = "off"  # a test leaves nothing in the user's folders

import gc

import hypothesis
import jax
import jaxtyping
import pytest

jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")

hypothesis.settings.register_profile("neuromgd", deadline=None, derandomize=True)
hypothesis.settings.load_profile("neuromgd")

# Thousands of programs are never garbage; looking for it among them takes its time.
gc.set_threshold(100_000, 20, 100)

# A whole number is a float as well, as PEP 484 has it and pyright takes it.
CHECKER = "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"

# Of so many tests one is of the sample whose annotations are checked.
EVERY = 40


def pytest_addoption(parser):
    parser.addoption(
        "--shapes", choices=["none", "sample", "all"], default="none",
        help="check types and shapes as tests run: of one case in every fortieth test, or of all",
    )  # fmt: skip


def pytest_configure(config):
    # Quick tests compile much and compute little; slow ones run what a user runs.
    if config.option.markexpr == "not slow":
        os.environ["XLA_FLAGS"] = quick(os.environ.get("XLA_FLAGS", ""))
    # Tracing takes twice the time under the checks.
    if config.getoption("shapes") != "none":
        jaxtyping.install_import_hook("neuromgd", CHECKER)


def pytest_collection_modifyitems(config, items):
    long, shapes = listed(), config.getoption("shapes")
    for item in items:
        if name_of(item.path.relative_to(config.rootpath).as_posix(), item.name) in long:
            item.add_marker(pytest.mark.slow)
    if shapes == "none":
        return
    checked = [item for item in items if not item.get_closest_marker("timed")]
    if shapes == "sample":
        short = [item for item in checked if not item.get_closest_marker("slow")]
        name = lambda item: (item.path, getattr(item, "originalname", item.name))
        first = {name(item): item for item in reversed(short)}
        checked = list(reversed(first.values()))[::EVERY]
    config.hook.pytest_deselected(items=[item for item in items if item not in checked])
    items[:] = checked
