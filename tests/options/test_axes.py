"""Axes of a sweep: what is typed becomes the values it says, and points that a folder keeps."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromgd.errors import InputError
from neuromgd.options.axes import Span, as_text, axes, label
from neuromgd.options.catalogue import catalogue
from neuromgd.options.checks import leaves
from neuromgd.options.config import BusConfig, Config
from neuromgd.options.grid import Design, kept, points, to_text
from neuromgd.plan.plan import NO_PARTS
from neuromgd.sheets import library
from neuromgd.stamp import write_stamped
from neuromgd.study.planned import planned
from neuromgd.verdict import interval
from tests.statistics import assert_rate


def values(text):
    return list(axes([text])[0].values[0])


def test_values_are_of_the_kind_of_their_option():
    assert values("device.write_noise=0,log:1e-3:1e-1:3") == [0, 1e-3, 1e-2, 1e-1]
    assert values("bus.delta_bits=none,lin:1:4:4") == [None, 1, 2, 3, 4]
    assert values("network.hidden=8,[16,4],[]") == [(8,), (16, 4), ()]
    assert values("synapse.gate=none,[pre,post]") == ["none", "pre,post"]
    assert values("learning.rates=[0.1,0.2],none") == ["0.1,0.2", None]
    assert values("synapse.residue=true,false") == [True, False]
    assert values("device=@sheets") == library.names("devices")
    assert axes(["eta=log:1:4"])[0].values == (Span(1.0, 4.0, True),)


def test_what_python_gives_is_read_back_as_it_was():
    given = {
        "network.hidden": [(8,), (16, 4)], "bus.delta_bits": [None, 3],
        "synapse.residue": [True], "synapse.gate": ["pre,post"], "bus.cost_noise": [1e-3, 2.0],
    }  # fmt: skip
    assert [list(axis.values[0]) for axis in axes(as_text(given))] == list(given.values())


def test_options_of_one_axis_change_together():
    design = Design(over=["bus.delay=0,1 with learning.rate=0.1,0.2", "seed=0,1"])
    found = [tuple(point.values.values()) for point in points(Config(), design)[0]]
    assert found == [(0, 0.1, 0), (0, 0.1, 1), (1, 0.2, 0), (1, 0.2, 1)]


def test_a_sobol_design_is_balanced_and_a_random_one_within():
    over = ["learning.rate=log:1e-2:1", "bus.delta_bits=1,2,3,4"]
    for kind in ("sobol", "random"):
        found, _ = points(Config(), Design(over=over, kind=kind, points=16))
        rates = [point.values["learning.rate"] for point in found]
        assert len(set(rates)) == 16
        assert all(1e-2 <= rate <= 1 for rate in rates)
        if kind == "sobol":
            # Of every sixteenth of the logarithms one, and of every choice a quarter.
            assert sorted(int(8 * (math.log10(rate) + 2)) for rate in rates) == list(range(16))
            bits = [point.values["bus.delta_bits"] for point in found]
            assert [bits.count(one) for one in (1, 2, 3, 4)] == [4] * 4


def test_sheets_that_cannot_be_run_are_left_out_and_those_that_are_named_are_refused():
    # It needs converters that only some platforms have.
    config = Config(array=msgspec.structs.replace(Config().array, adc_range=2.0))
    found, left = points(config, Design(over=["platform=@platforms"]))
    assert {point.config.array.adc_bits for point in found}.isdisjoint({None})
    assert left
    assert "adc_range" in left[0].reason
    with pytest.raises(InputError, match="adc_range"):
        points(config, Design(over=[f"platform={left[0].values['platform']}"]))


def test_sheets_of_a_set_that_need_more_than_options_are_left_out_too():
    base = Config(task="parity", chips=1, windows=4)
    some, _ = points(base, Design(over=["device=@sheets"]))
    some = [one for one in some if "nandakumar" in str(one.values) or "jerry" in str(one.values)]
    found, plans, left = planned(some, NO_PARTS, has_set=True)
    assert [one.values["device.sheet"] for one in found] == ["fefet_jerry2017"]
    assert len(plans) == 1
    assert "change in seconds" in left[0].reason
    with pytest.raises(InputError, match=r"sheet = pcm_nandakumar2020: .* in seconds"):
        planned(some, NO_PARTS, has_set=False)
    with pytest.raises(InputError, match="change in seconds"):
        planned([one for one in some if one not in found], NO_PARTS, has_set=True)


def test_a_sheet_on_an_axis_brings_a_cell_without_the_presets_of_the_default():
    found, _ = points(Config(), Design(over=["device=none,fefet_jerry2017"]))
    default, sheet = (point.config.device for point in found)
    assert default.write_noise is not None
    assert sheet.write_noise is None


@given(st.sampled_from([None, 1, 8]), st.sampled_from([None, 1e-3, 0.5]), st.integers(0, 9))
def test_a_folder_keeps_what_was_given_and_nothing_else(tmp_path_factory, bits, noise, seed):
    folder = tmp_path_factory.mktemp("kept")
    config = Config(seed=seed, bus=BusConfig(delta_bits=bits, cost_noise=noise))
    design = Design(over=["device=@sheets"], target=0.5)
    write_stamped(folder / "sweep.toml", to_text(design, config))
    read_design, read = kept(folder)
    assert read_design == design
    assert read == config
    # A number that equals a preset, and was given, stays one that was given.
    assert type(read.bus.cost_noise) is type(config.bus.cost_noise)


def test_the_catalogue_knows_every_option_with_its_meaning():
    known = catalogue()
    assert set(known) == set(leaves(Config()))
    assert all(option.meaning for option in known.values())
    assert label("device.write_noise") == "device.write_noise [w.u.]"
    assert label("synapse.code") == "synapse.code"


def test_intervals_hold_the_truth_as_often_as_they_say():
    draw = np.random.default_rng(0)
    # The mean coverage of the score interval over shares; at one share it is coarse.
    truths = draw.random(2000)
    held = 0
    for truth in truths:
        low, high = interval.share(int(draw.binomial(16, truth)), 16)
        held += low <= truth <= high
    assert_rate(held, 2000, 0.95)
    bounds = [interval.mean(draw.normal(size=4).tolist()) for _ in range(2000)]
    assert_rate(sum(low <= 0 <= high for low, high in bounds), 2000, 0.95)
