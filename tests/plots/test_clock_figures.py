"""Figures of the clock: what is drawn is what was given, in units, with a legend."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.cli.time import main as time_command
from neuromgd.errors import InputError
from neuromgd.plots.accuracy import accuracy
from neuromgd.plots.broken import axis, ticks
from neuromgd.plots.energy import energy
from neuromgd.plots.gantt import gantt
from neuromgd.plots.units import told
from neuromgd.timing import Workload, load, time_run
from neuromgd.timing.limits import limits
from neuromgd.timing.traces.intervals import simulate, table

MOMENTS = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=12, unique=True)


@given(MOMENTS, st.booleans())
@settings(max_examples=60)
def test_a_broken_axis_keeps_order_and_whole_stretches_keep_their_length(moments, is_broken):
    end = max(moments)
    own = axis(moments, 0.0, end, is_broken)
    edges = sorted({0.0, *moments})
    assert [one.start for one in own.stretches] == edges[:-1]
    assert all(own.at(a) < own.at(b) for a, b in pairwise(edges))
    whole = [one for one in own.stretches if not one.is_broken]
    assert all(one.width == one.end - one.start for one in whole)
    shown = sum(one.width for one in whole)
    for one in own.stretches:
        assert one.is_broken <= (is_broken and one.end - one.start > shown)
    places, labels = ticks(own, 1.0)
    assert places == sorted(places)
    assert len(places) == len(labels) <= 4 * len(edges) + 20


def chart(**more):
    workload = Workload(layers=(784, 128, 10), steps=4, tau_update=2)
    report = time_run(load("pcm_14nm"), workload)
    return report, gantt(
        table(simulate(report.clockwork.program, 4)), float(report.tick), "four", **more
    )


def bars(figure, track):
    (axes,) = figure.axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    rows = [box.get_bbox() for box in axes.patches if box.get_width() > 0]
    return sorted((box.x0, box.x1) for box in rows
                  if abs((box.y0 + box.y1) / 2 - names.index(track)) < 0.1)  # fmt: skip


def test_a_long_write_is_cut_short_and_said_to_be():
    report, figure = chart()
    (axes,) = figure.axes
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "// broken axis" in legend
    written = [text.get_text() for text in axes.texts]
    assert written.count("998 µs") == written.count("//") == 2
    (first, _), read = bars(figure, "write"), bars(figure, "layer 1")[0]
    assert first[1] - first[0] < 10 * (read[1] - read[0])
    assert "time [" in axes.get_xlabel()
    _, figure = chart(is_broken=False)
    (first, _), read = bars(figure, "write"), bars(figure, "layer 1")[0]
    ratio = report.hardware.write.ticks / report.hardware.forward[0].ticks
    assert (first[1] - first[0]) / (read[1] - read[0]) == pytest.approx(ratio)


def test_stretches_of_one_kind_are_all_whole():
    moments = [0, 5, 13, 23, 35, 60, 85, 110]
    assert not any(one.is_broken for one in axis(moments, 0, 110).stretches)
    broken = [one.is_broken for one in axis([0, 5, 13, 23, 1023, 1030, 2030], 0, 2030).stretches]
    assert broken == [False, False, False, True, False, True]


@pytest.mark.parametrize(("long", "are_broken"), [(4, True), (5, False)])
def test_more_breaks_than_can_be_read_are_none(long, are_broken):
    moments = np.cumsum([0.0, *[1.0, 1.0, 1000.0] * long])
    own = axis(moments.tolist(), 0.0, float(moments[-1]))
    assert sum(one.is_broken for one in own.stretches) == long * are_broken


def test_a_window_shows_what_goes_on_in_it():
    _, figure = chart(window=(0.0, 1e-7))
    assert "write" not in [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(bars(figure, "layer 1")) == 1


def test_stacks_add_up_and_small_parts_are_drawn_together():
    parts = {"read": [3e-9, 1e-9], "convert": [1e-9, 1e-9], "post": [1e-12, 1e-12],
             "cost": [1e-12, 0]}  # fmt: skip
    figure = energy(["one", "two"], parts, "title")
    (axes,) = figure.axes
    ends = sorted(box.get_bbox().x1 for box in axes.patches)
    assert ends[-1] == pytest.approx(4.002e-9)
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["read", "convert", "others"]
    assert [text.get_text() for text in axes.texts] == ["4 nJ", "2 nJ"]
    shares = energy(["one", "two"], parts, "title", is_share=True)
    assert max(box.get_bbox().x1 for box in shares.axes[0].patches) == pytest.approx(1)


def test_time_and_energy_are_drawn_for_every_platform_that_knows_them():
    seconds = {"a": [0.0, 1.0, 2.0], "b": [0.0, 10.0, 20.0]}
    figure = accuracy(seconds, {"b": [0.0, 5.0, 6.0]}, [10.0, 50.0, 90.0], "accuracy [%]", "title")
    left, right = figure.axes
    assert [list(line.get_xdata()) for line in left.lines] == [[1.0, 2.0], [10.0, 20.0]]
    assert [list(line.get_xdata()) for line in right.lines] == [[5.0, 6.0]]
    assert left.lines[1].get_color() == right.lines[0].get_color()
    assert left.get_xlabel() == "time on the hardware [s]"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]


@pytest.mark.parametrize("schedule", ["two_pass", "pipelined"])
def test_no_run_is_above_a_limit_and_writes_grow_with_the_window(schedule):
    workload = Workload(layers=(784, 128, 10), steps=10**6, tau_update=100)
    found = limits(time_run(load("rram_32nm"), workload, schedule))
    assert set(found.rates) == {"compute", "converter", "bus", "synapse", "write"}
    for kind, rates in found.rates.items():
        at_own = float(np.interp(found.window, found.windows, rates))
        assert found.rate <= at_own * 1.001
        assert (rates[-1] > rates[0]) == (kind == "write")
    # 128 columns at 0.78125 ns take as long as a read of 100 ns; what follows a layer is more.
    assert found.rates["converter"][0] > found.rates["compute"][0]


def test_the_command_draws_what_is_asked_for(tmp_path, capsys):
    line = ["--platform", "pcm_14nm", "--layers", "20,10,4", "--steps", "1e4"]
    files = [str(tmp_path / f"{name}.svg") for name in ("energy", "roofline", "gantt")]
    time_command([*line, "--energy", files[0], "--roofline", files[1], "--gantt", files[2],
                  "--gantt-window", "0 us,1 us", "--gantt-axis", "linear", "--json"])  # fmt: skip
    assert json.loads(capsys.readouterr().out)["seconds"]
    assert all("<svg" in (tmp_path / name).read_text() for name in files)
    compared = str(tmp_path / "compared.png")
    time_command(["--compare", "pcm_14nm,rram_32nm", "--layers", "20,4", "--energy", compared])
    assert (tmp_path / "compared.png").stat().st_size > 5000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--accuracy", "x.svg"], "--accuracy: needs --run"),
        (["--gantt-window", "1 us,2 us"], "--gantt-window: has no effect without --gantt"),
        (["--gantt", "x.svg", "--gantt-window", "2 us,1 us"], "allowed are two times"),
        (["--gantt", "x.svg", "--gantt-window", "1 pJ,2 pJ"], "allowed are two times"),
        (["--gantt", "x.svg", "--gantt-window", "5 h,6 h"], "--gantt-window: begins at 18000 s"),
        (["--energy", "x.html"], "--energy: read 'x.html', allowed endings"),
        (["--set", "energies.read=1 pJ", "--set", "powers.x=1 J"], "allowed is a unit of power"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        time_command(["--platform", "pcm_14nm", "--layers", "20,4", *arguments])
    assert not list(tmp_path.iterdir())


def test_numbers_have_three_digits_and_a_prefix():
    assert [told(value, "s") for value in (0.0, 1.2345e-7, 999.6e-9, 5000.0)] == [
        "0 s", "123 ns", "1 µs", "5e+03 s",
    ]  # fmt: skip
    assert told(2.5e13, "J") == "25 TJ"
    assert math.isclose(float(told(3e-18, "J").split()[0]), 3)
