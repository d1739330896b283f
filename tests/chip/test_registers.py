"""Biases in digital registers take what is asked on the nearest code; weights are as they were."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.passes import cell_noise
from neuromgd.chip.update import written
from neuromgd.errors import InputError
from neuromgd.network.params import NetworkParams
from neuromgd.options.config import ArrayConfig
from neuromgd.options.read import base, checked
from neuromgd.plan.plan import plan
from neuromgd.plan.registers import registers
from neuromgd.randomness import root_key
from neuromgd.verdict.local_memory import local_memory
from tests.chip.small import NETWORK, NOISY, number

CELLS = NOISY.replace(
    device=NOISY.device.replace(stuck_fraction=number(0.5), read_noise=number(0.1)),
    network=NetworkParams(weight_scale=number(1)),
)


@jax.jit
def moved(machine):
    chip = fabricate(machine, root_key(3, 0))
    request = jax.tree.map(lambda one: 0.31 * jnp.cos(jnp.arange(one.size)).reshape(one.shape),
                           weights(chip))  # fmt: skip
    after = written(machine, chip, request, jnp.asarray(0))
    return request, weights(after), cell_noise(machine, after)[0]


def test_registers_are_exact_and_leave_the_weights_alone():
    design = replace(Design(NETWORK), pulse_rounding="nearest")
    some = CELLS.replace(biases=registers(ArrayConfig(bias_bits=5, bias_range=0.6)))
    request, ours, noise = moved(Machine(design, some, Tau(1, 1, 1)))
    _, plain, noise_of_cells = moved(Machine(design, CELLS, Tau(1, 1, 1)))
    code = 0.6 / 15
    for name in ("Dense_0", "Dense_1"):
        # They begin at 0, and 31 codes lie between ±0.6.
        wanted = code * np.round(np.asarray(request[name]["bias"], float) / code)
        np.testing.assert_allclose(ours[name]["bias"], wanted, atol=1e-6)
        np.testing.assert_array_equal(ours[name]["kernel"], plain[name]["kernel"])
        np.testing.assert_array_equal(noise[name]["bias"], 0)
        np.testing.assert_array_equal(noise[name]["kernel"], noise_of_cells[name]["kernel"])


def of(**array):
    start = base(False)
    return checked(msgspec.structs.replace(
        start, task="parity", windows=4, chips=1, array=ArrayConfig(**array)
    ))  # fmt: skip


def test_registers_are_counted_beside_the_synapses():
    (row,) = (one for one in local_memory(plan(of(bias_bits=6))) if one["what"] == "bias register")
    # 2 inputs, 2 neurons, 1 output: 3 biases of 9 synapses.
    assert (row["values"], row["bits"]) == (pytest.approx(3 / 9, abs=1e-4), 6)
    assert plan(of()).params.biases is None
    with pytest.raises(InputError, match=r"has no effect without array\.bias_bits"):
        of(bias_range=2.0)
    with pytest.raises(InputError, match=r"bias_bits = 8: has no effect beside array\.ir_drop"):
        of(bias_bits=8, ir_drop=1.0, cell_conductance=1e-6)
