"""Arrays with cells of several technologies: each is as on a chip that has its cells alone."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest
from flax import linen as nn

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, OtherCells, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.passes import cell_noise
from neuromgd.chip.technologies import technologies
from neuromgd.chip.update import aged, asked, written
from neuromgd.chip.window import window, window_by_steps
from neuromgd.device.laws import LAWS
from neuromgd.device.params import cell_params
from neuromgd.errors import InputError
from neuromgd.fleet.engine import Observed, OfTechnology
from neuromgd.network.network import from_module
from neuromgd.network.params import NetworkParams
from neuromgd.options.config import ArrayConfig
from neuromgd.options.read import base, checked
from neuromgd.options.tolerance import of_sheet
from neuromgd.plan.plan import plan
from neuromgd.randomness import root_key
from neuromgd.study.identity import identity
from neuromgd.study.recipe import recipe
from neuromgd.verdict.check import Check
from neuromgd.verdict.technologies import views, worst
from tests.chip.small import IDEAL, NETWORK, number, samples

# One of pulses, with telegraph noise; another of pairs that are programmed, drift and flicker.
TRAPS = dict(telegraph_noise=0.02, telegraph_high_time=2e-3, telegraph_low_time=1e-3)
PULSED = dict(
    update_step=0.01, weight_min=-1, weight_max=1, cycle_noise=0.3, update_step_spread=0.2,
    power_exponent=2,
)  # fmt: skip
PROGRAMMED = dict(
    weight_min=0, weight_max=2, zero_signal_weight=0, levels=65, programming_noise=[0.01, 0],
    drift_exponent=0.1, drift_reference_time=1e-3, flicker_noise=0.05, read_time=1e-6,
    stuck_fraction=0.2,
)  # fmt: skip
TAU = Tau(1, 1, 4)


class TwoArrays(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(3, use_bias=False)(jnp.tanh(nn.Dense(6, use_bias=False)(x)))


TWO_ARRAYS = from_module(TwoArrays(), (5,))


def params(*devices):
    first, *others = map(cell_params, devices)
    return IDEAL.replace(
        device=first, other_devices=tuple(others), seconds_per_timestep=number(1e-3),
        network=NetworkParams(weight_scale=number(1)),
    )  # fmt: skip


def machines(pulsed=PULSED | TRAPS, network=NETWORK, **choices):
    first = Design(network, law=LAWS["power"], **choices)
    second = replace(first, law=LAWS["ideal"], is_pair=True)
    mixed = replace(first, other_cells=(OtherCells((("Dense_1",),), second.law, True),))
    return {
        "Dense_0": Machine(first, params(pulsed), TAU),
        "Dense_1": Machine(second, params(PROGRAMMED), TAU),
        "mixed": Machine(mixed, params(pulsed, PROGRAMMED), TAU),
    }


def moved(machine):
    """A chip after a write and some time, and the σ of reading it."""
    chip, place = fabricate(machine, root_key(3, 0)), jnp.asarray(0)
    request = jax.tree.map(lambda one: 0.03 * jnp.cos(9 * one), weights(chip))
    request, chip = asked(machine, chip, request, place)
    chip = aged(machine, written(machine, chip, request, place), place)
    return (chip.cells, chip.traits.device, chip.residue), cell_noise(machine, chip)[0]


def test_every_array_is_as_on_a_chip_of_its_own_cells():
    every = machines(network=TWO_ARRAYS, has_residue=True)
    # The weights of the other array are others there, and no array looks at another.
    found = {name: jax.jit(moved)(machine) for name, machine in every.items()}
    for name in ("Dense_0", "Dense_1"):
        for mixed, alone in zip(found["mixed"][0], found[name][0], strict=True):
            own, other = (jax.tree.flatten(one[name]) for one in (mixed, alone))
            assert own[1] == other[1]
            for one, leaf in zip(own[0], other[0], strict=True):
                np.testing.assert_allclose(one, leaf, rtol=1e-6, atol=1e-7)
    # Beside cells that are noisy the others are exact.
    assert not jax.tree.leaves(found["Dense_0"][1])
    noise, alone = found["mixed"][1], found["Dense_1"][1]
    np.testing.assert_array_equal(noise["Dense_0"]["kernel"], 0)
    mixed = noise["Dense_1"]["kernel"]
    np.testing.assert_allclose(mixed, alone["Dense_1"]["kernel"], rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("element", ["volatile", "cell"])
def test_a_window_is_its_timesteps(element):
    # A kick that is written leaves its trace in every slot: one slot a window.
    machine = machines(PULSED, perturbation_element=element)["mixed"].replace(tau=Tau(1, 4, 4))
    chip = fabricate(machine, root_key(3, 0))
    ends = [
        weights(jax.jit(engine)(machine, chip, jnp.asarray(0), samples(4, seed=1))[0])
        for engine in (window, window_by_steps)
    ]
    jax.tree.map(lambda one, other: np.testing.assert_allclose(one, other, atol=2e-5), *ends)


def of(sheets, array=None, **device):
    config = base(False, has_sheet=True)
    own = msgspec.structs.replace(config.device, sheet=sheets, **device)
    more = {"array": array or config.array, "device": own}
    return checked(msgspec.structs.replace(config, task="parity", windows=4, chips=1, **more))


A, B = "gokmen_vlasov2016", "fefet_jerry2017"


def test_arrays_inside_of_modules_are_found_by_their_whole_path():
    inner = OtherCells((("block", "first"),), LAWS["ideal"], True)
    machine = machines()["mixed"]
    machine = Machine(replace(machine.design, other_cells=(inner,)), machine.params, TAU)
    array = {"kernel": jnp.zeros((2, 3)), "bias": jnp.zeros(3)}
    arrays = {"block": {"first": array, "second": array}, "first": {"block": array}, "last": array}
    kinds = technologies(machine, arrays)
    pairs = jax.tree.map(lambda kind: kind.is_pair, kinds, is_leaf=lambda one: hasattr(one, "law"))
    plain = dict.fromkeys(array, False)
    assert pairs == {
        "block": {"first": dict.fromkeys(array, True), "second": plain},
        "first": {"block": plain},
        "last": plain,
    }


def test_a_sheet_for_each_array_is_the_cell_of_that_array():
    mixed, first, second = (plan(of(sheets)) for sheets in (f"{A},{B}", A, B))
    (cells,) = mixed.design.other_cells
    assert (cells.paths, cells.law) == ((("Dense_1",),), second.design.law)
    assert mixed.design.law is first.design.law
    for one, other in ((mixed.params.device, first), (mixed.params.other_devices[0], second)):
        leaves, wanted = jax.tree.leaves(one), jax.tree.leaves(other.params.device)
        np.testing.assert_array_equal(np.stack(leaves), np.stack(wanted))
    assert not plan(of(f"{A},{A}")).design.other_cells
    assert plan(of(f"{A},ideal")).params.other_devices[0].update_step is None
    # An option stands over every sheet.
    over = plan(of(f"{A},{B}", write_noise=0.5)).params
    assert all(one.write_noise == 0.5 for one in (over.device, *over.other_devices))


def test_a_run_goes_on_only_with_the_same_sheets():
    told = [
        identity(of(sheets), plan(of(sheets)), [])["sources"]["device sheet"]
        for sheets in (f"{A},{B}", f"{B},{A}", A)
    ]
    assert told[0].split(",") == told[1].split(",")[::-1]
    assert told[2] == told[0].split(",")[0]


def test_a_diagnosis_is_of_every_technology():
    ran = plan(of(f"{A},{B}"))
    each = (OfTechnology(1.0, 0.1, 0.0), OfTechnology(9.0, 0.9, 0.0))
    seen = Observed(13, 5.0, 5.0, by_technology=each)
    first, second = views(ran, seen)
    assert (first.where, second.where) == ("in Dense_0: ", "in Dense_1: ")
    assert (first.first.size, second.first.size) == (6, 3)
    assert (second.seen.writes_per_cell, second.seen.at_bound) == (9.0, 0.9)
    assert second.plan.design.law is ran.design.other_cells[0].law
    checks = worst([("a ", {"x": Check(1.0, 2.0, "low")}), ("b ", {"x": Check(3.0, 2.0, "high")})])
    assert checks == {"x": Check(3.0, 2.0, "b high")}
    (alone,) = views(plan(of(A)), seen)
    assert (alone.where, alone.seen, alone.first.size) == ("", seen, 9)


@pytest.mark.parametrize(
    ("sheets", "line"),
    [
        (f"{A},{B},{B}", "gives 3 sheets, the network has 2 arrays: Dense_0, Dense_1"),
        (f"{A},", "expected a sheet for each array, or ideal"),
        (f"{A},nowhere", "no sheet 'nowhere' in devices"),
    ],
)
def test_sheets_that_fit_no_arrays_are_refused(sheets, line):
    with pytest.raises(InputError, match=line):
        plan(of(sheets))


def test_what_asks_for_one_number_of_the_cell_refuses_several():
    with pytest.raises(InputError, match="have no one number of their own; give one sheet"):
        of_sheet(of(f"{A},{B}"))
    with pytest.raises(InputError, match="a recipe is of one technology"):
        recipe(of(f"{A},{B}"), 8)
    with pytest.raises(InputError, match=r"1 w\.u\. of one array conducts another"):
        plan(of("epiram_choi2018,fefet_jerry2017", array=ArrayConfig(ir_drop=1.0)))
