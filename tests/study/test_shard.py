"""One chip over eight devices: the numbers of one device, and no array of cells on the way."""

import os
import subprocess
import sys

import pytest
from jax.sharding import PartitionSpec

from neuromgd.errors import InputError, UncutWarning
from neuromgd.fleet.shard import CELLS, cut
from neuromgd.options.config import Config
from neuromgd.options.read import checked
from neuromgd.verdict.soundness import warn_of_one_device

# Runs with eight devices, which a process has or has not from its start.
EIGHT = """
import math, re
import jax, jax.numpy as jnp, msgspec, numpy as np
from neuromgd.chip.chip import weights
from neuromgd.fleet import simulated as ensemble
from neuromgd.plan.plan import plan
from neuromgd.options.config import BusConfig, Config, NetworkConfig
from neuromgd.options.device import IDEAL_CELL
from neuromgd.fleet.chips import make_chips
from neuromgd.fleet.shown import scale, training_set

assert jax.device_count() == 8
# Cells and converters without steps: rounding turns the last bit of a sum into a whole step.
whole = Config(
    chips=1, windows=4, batch=8, network=NetworkConfig(hidden=(512, 64)),
    device=IDEAL_CELL, bus=BusConfig(delta_bits=None),
)
cut = msgspec.structs.replace(whole, shard_arrays=True)
todo = plan(whole)
arguments = jnp.int32(0), jnp.int32(4), training_set(todo), scale(todo)
static = todo.design, todo.tau, "window", 4, todo.params

one, eight = make_chips(whole, todo), make_chips(cut, todo)
kernel = lambda chip: weights(chip)["Dense_0"]["kernel"]
assert [part.data.shape for part in kernel(eight).addressable_shards] == [(1, 8, 512)] * 8
for a, b in zip(jax.tree.leaves(weights(one)), jax.tree.leaves(weights(eight)), strict=True):
    np.testing.assert_array_equal(a, b)

program = ensemble.advance.lower(*static, eight, *arguments).compile().as_text()
moved = re.findall(
    r"= (.+?) (?:all-gather|all-to-all|all-reduce|collective-permute|reduce-scatter)"
    r"(?:-start)?\\(", program,
)
sizes = [
    math.prod(int(n) for n in shape.split(",") if n)
    for result in moved for shape in re.findall(r"[a-z]\\w*\\[([\\d,]*)\\]", result)
]
print("moved", max(sizes), "of", kernel(one).size)
assert sizes, "a network over devices exchanges something"
assert max(sizes) <= 8 * 512  # the activations of the samples of one window

# Nor does any device hold a whole array of cells or of their random words.
assert not re.search(r"\\[(1,)?(32768|64,512|512,64)\\]", program)

start = np.asarray(kernel(one))
one, record = ensemble.advance(*static, one, *arguments)
eight, other = ensemble.advance(*static, eight, *arguments)
assert len(kernel(eight).sharding.device_set) == 8
assert kernel(eight).addressable_shards[0].data.shape == (1, 8, 512)
np.testing.assert_allclose(record.cost, other.cost, rtol=1e-5)
learnt = np.abs(np.asarray(kernel(one)) - start).max()
assert learnt > 0
for a, b in zip(jax.tree.leaves(weights(one)), jax.tree.leaves(weights(eight)), strict=True):
    gap = np.abs(np.asarray(a) - np.asarray(b)).max()
    print("gap", gap, "learnt", learnt)
    assert gap < 1e-2 * learnt
"""


@pytest.mark.slow
def test_a_chip_over_eight_devices_is_the_chip_on_one():
    devices = {"JAX_NUM_CPU_DEVICES": "8", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", EIGHT], env=os.environ | devices, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("shape", "along"),
    [
        ((1, 784, 128), (None, CELLS)),
        ((1, 10, 64), (None, None, CELLS)),
        ((1, 2, 64, 10), (None, None, CELLS)),
        ((1, 3, 3, 8, 16), (None, None, None, CELLS)),
        ((1, 7, 10), ()),
        ((1, 128), ()),
        ((1,), ()),
    ],
)
def test_a_matrix_is_cut_along_the_first_axis_that_divides(shape, along):
    assert cut(shape, 8) == PartitionSpec(*along)


def test_who_cuts_arrays_for_one_device_is_told():
    with pytest.warns(UncutWarning, match="one device"):
        warn_of_one_device(Config(chips=1, shard_arrays=True))
    warn_of_one_device(Config(chips=1))  # a warning would be an error here


def test_several_chips_are_not_cut():
    with pytest.raises(InputError, match=r"shard_arrays: .* chips = 1"):
        checked(Config(chips=2, shard_arrays=True))
