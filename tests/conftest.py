"""Strict switches for every test: what these catch is silent otherwise."""

import os

from tests.xla_flags import quick

os.environ["XLA_FLAGS"] = quick(os.environ.get("XLA_FLAGS", ""))
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ["JAX_NUM_CPU_DEVICES"] = (
    "1"  # the same on every machine; tests of several start their own
)
os.environ["NEUROMGD_CACHE"] = "off"  # a test leaves nothing in the user's folders

import hypothesis
import jax

jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")

hypothesis.settings.register_profile("neuromgd", deadline=None, derandomize=True)
hypothesis.settings.load_profile("neuromgd")
