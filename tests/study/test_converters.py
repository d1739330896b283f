"""Converters around arrays: their room, the kicks that they see, what is told of them."""

import math

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest

from neuromgd.chip.chip import weights
from neuromgd.cli.train import main
from neuromgd.converter import top_level
from neuromgd.fleet.chips import make_chips
from neuromgd.fleet.observe import observed
from neuromgd.loading import LARGEST, room
from neuromgd.network.ranges import observed_ranges
from neuromgd.options.config import ArrayConfig, Config, SynapseConfig
from neuromgd.options.device import DeviceConfig
from neuromgd.options.read import base, checked, with_platform
from neuromgd.options.told import notes
from neuromgd.plan.amplitude import SMALL, STEPS
from neuromgd.plan.plan import plan
from neuromgd.sheets import library
from neuromgd.sheets.platform import load
from neuromgd.study.train import train
from neuromgd.verdict.diagnose_converters import of_converters

START = Config(task="digits", chips=2, windows=10)


def ready(**array):
    # Chips that need not set the range of their ΔC need no program to hear it.
    bus = msgspec.structs.replace(START.bus, delta_range=0.1)
    config = checked(msgspec.structs.replace(START, bus=bus, array=ArrayConfig(**array)))
    return config, plan(config)


@pytest.mark.parametrize("bits", [4, pytest.param(8, marks=pytest.mark.slow)])
def test_the_range_is_the_largest_first_reading_and_the_room_of_its_bits(bits):
    config, todo = ready(adc_bits=bits)
    chips = make_chips(config, todo)
    # A window of 128 samples; those of the first chip in its own order are among the training set.
    x = jnp.asarray(todo.data.train_x, jnp.float32) * todo.data.scale
    theta = jax.tree.map(lambda leaf: leaf[0], weights(chips))
    most = np.asarray(observed_ranges(todo.design.network, theta, x).adc)
    scales = np.array([float(one.full_scale[0]) for one in chips.traits.converters.adc])
    reach = scales / (room(float(top_level(bits))) * most)
    assert np.all(reach <= 1)
    assert np.all(reach > 0.6), "128 samples show most of what all show"


def test_a_kick_is_as_large_as_the_steps_of_an_adc_ask_for():
    _, without = ready()
    assert float(without.params.synapse.amplitude) == pytest.approx(without.task.amplitude)
    for bits in (3, 6, 8, 12):
        _, todo = ready(adc_bits=bits)
        top = float(top_level(bits))
        asked = min(room(top) * LARGEST / (STEPS * top), SMALL) / math.sqrt(64)
        expected = max(asked, todo.task.amplitude)
        assert float(todo.params.synapse.amplitude) == pytest.approx(expected, rel=1e-6)
    given = msgspec.structs.replace(START, synapse=SynapseConfig(amplitude=3e-3))
    given = msgspec.structs.replace(given, array=ArrayConfig(adc_bits=4))
    assert float(plan(checked(given)).params.synapse.amplitude) == pytest.approx(3e-3)
    _, fixed = ready(adc_bits=4, adc_range=1.0)
    assert float(fixed.params.synapse.amplitude) == pytest.approx(fixed.task.amplitude)


@pytest.mark.slow
def test_one_step_is_some_kicks_before_a_chip_learns():
    # The rule knows no inputs: it is held to the readings of real ones. The 4σ of the largest
    # output is of a normal distribution, which few samples and few classes only roughly have.
    config, todo = ready(adc_bits=8)
    seen = observed(todo, make_chips(config, todo))
    assert of_converters(todo, seen)["adc_step_over_kick"].value == pytest.approx(STEPS, rel=0.5)


@pytest.mark.slow
def test_the_remedy_of_a_coarse_adc_is_its_number():
    config, todo = ready(adc_bits=6, adc_range=4.0)
    seen = observed(todo, make_chips(config, todo))
    check = of_converters(todo, seen)["adc_step_over_kick"]
    # A step over the length of what drives the array that has the shortest.
    scale, theta = todo.data.scale, make_chips(config, todo)
    x = np.asarray(todo.data.train_x[:256], np.float32).reshape(256, -1) * np.float32(scale)
    step = 4.0 / float(top_level(6))
    first = step / math.sqrt((x**2).sum(1).mean() + 1)
    hidden = []
    for n in range(2):
        one = jax.tree.map(lambda leaf, n=n: np.asarray(leaf[n]), weights(theta))["Dense_0"]
        h = np.maximum(x @ one["kernel"] + one["bias"], 0)
        hidden.append(max(first, step / math.sqrt((h**2).sum(1).mean() + 1)))
    expected = np.mean(hidden) / todo.task.amplitude
    assert check.value == pytest.approx(expected, rel=0.02)
    assert check.value > check.limit
    told = float(check.meaning.split("--amplitude ")[1].split(",")[0])
    assert todo.task.amplitude * expected / STEPS == pytest.approx(told, rel=0.1)


def test_the_remedy_of_a_saturated_adc_is_its_number():
    config, todo = ready(adc_bits=8, adc_range=0.1)
    chips = make_chips(config, todo)
    check = of_converters(todo, observed(todo, chips))["saturated_adc_share"]
    assert check.value > check.limit
    told = float(check.meaning.rsplit(" ", 1)[1])
    x = np.asarray(todo.data.train_x[:256], np.float32).reshape(256, -1)
    x, most = x * np.float32(todo.data.scale), 0.0
    for n in range(2):
        one = jax.tree.map(lambda leaf, n=n: np.asarray(leaf[n]), weights(chips))
        h = x @ one["Dense_0"]["kernel"] + one["Dense_0"]["bias"]
        out = np.maximum(h, 0) @ one["Dense_1"]["kernel"] + one["Dense_1"]["bias"]
        most = max(most, np.quantile(abs(h), 0.99), np.quantile(abs(out), 0.99))
    assert most <= told <= 1.1 * most
    wide = msgspec.structs.replace(config, array=ArrayConfig(adc_bits=8, adc_range=told))
    again = plan(checked(wide))
    seen = observed(again, make_chips(wide, again))
    assert of_converters(again, seen)["saturated_adc_share"].value <= 0.01


def test_a_platform_without_a_device_says_in_one_line_which_cells_it_trains():
    [line] = notes(with_platform(Config(platform="pcm_14nm")))
    assert "\n" not in line
    assert "default cells" in line
    assert "--device pcm_nandakumar2020" in line
    assert "8-bit ADCs" in line
    [own] = notes(with_platform(Config(platform="pcm_14nm", device=DeviceConfig(update_step=0.1))))
    assert "cells as the options say" in own
    [bare] = notes(with_platform(Config(platform="mccaughan_mem_compute")))
    assert "no device sheet" in bare
    assert "without converters" in bare
    ideal = msgspec.structs.replace(base(True), platform="pcm_14nm")
    cells = lambda sheet: Config(platform="pcm_14nm", device=DeviceConfig(sheet=sheet))
    for quiet in (
        Config(),
        ideal,
        cells("pcm_nandakumar2020"),
        cells("pcm_hermes_legallo2023,ideal"),
    ):
        assert notes(with_platform(quiet)) == []
    # What is priced is a write of other cells.
    (told,) = notes(with_platform(cells("pcm_joshi2020,pcm_nandakumar2020,pcm_joshi2020")))
    assert (
        "pcm_14nm: made for pcm_nandakumar2020 or pcm_hermes_legallo2023, not for pcm_joshi" in told
    )


@pytest.mark.parametrize("name", library.names("platforms"))
def test_the_device_sheets_of_a_platform_are_there(name):
    assert set(load(name).devices) <= set(library.names("devices"))


@pytest.mark.slow
def test_the_line_comes_before_the_work_and_stays_in_the_summary(tmp_path, capsys):
    out = str(tmp_path / "run")
    main(["--task", "parity", "--windows", "4", "--chips", "1", "--platform", "rram_32nm",
          "--out", out])  # fmt: skip
    told = capsys.readouterr()
    assert "note: platform rram_32nm: trains default cells" in told.err
    assert '"notes": ["platform rram_32nm' in " ".join(
        (tmp_path / "run" / "summary.json").read_text().split()
    ).replace("[ ", "[")


@pytest.mark.slow
def test_the_converters_of_a_platform_cost_no_more_than_two_points(tmp_path):
    scores = [
        train(Config(chips=8, out=str(tmp_path / str(name)), platform=name)).summary
        for name in (None, "pcm_14nm")
    ]
    without, around = (run["accuracy"] for run in scores)
    spread = max(run["accuracy_std"] for run in scores) / 8**0.5
    assert around > without - 0.02 - 2 * spread
    assert scores[1]["explanations"] == []
