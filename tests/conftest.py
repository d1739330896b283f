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
from collections import Counter

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

# Of so many tests of a file one is checked.
EVERY = 10
IS_CHECKED = pytest.StashKey[bool]()


def pytest_addoption(parser):
    parser.addoption(
        "--shapes", choices=["sample", "all"], default="sample",
        help="check types and shapes in the first case of every tenth test, or in every case",
    )  # fmt: skip


def pytest_configure(config):
    # Quick tests compile much and compute little; slow ones run what a user runs.
    if config.option.markexpr == "not slow":
        os.environ["XLA_FLAGS"] = quick(os.environ.get("XLA_FLAGS", ""))


def pytest_collection_modifyitems(config, items):
    met, seen, long = set(), Counter(), listed()
    for item in items:
        if name_of(item.path.relative_to(config.rootpath).as_posix(), item.name) in long:
            item.add_marker(pytest.mark.slow)
        test = (item.path, item.cls, getattr(item, "originalname", item.name))
        row = (item.path, item.get_closest_marker("slow") is None)  # quick and slow in their own
        is_sampled = test not in met and seen[row] % EVERY == 0
        is_checked = is_sampled or config.getoption("shapes") == "all"
        item.stash[IS_CHECKED] = is_checked and not item.get_closest_marker("timed")
        seen[row] += test not in met
        met.add(test)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    # Tracing takes twice the time under the checks, and tests of one file mostly go the same way.
    jaxtyping.config.update("jaxtyping_disable", not item.stash[IS_CHECKED])
    return (yield)
