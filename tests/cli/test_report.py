"""What stands in a report: all of it visible text and figures that need nothing but themselves."""

import base64
import hashlib
import re
import shlex
from html.parser import HTMLParser
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.cli.report import destination, main
from neuromgd.cli.sweep import design_of, split
from neuromgd.cli.train import read
from neuromgd.data.dataset import Dataset
from neuromgd.data.metrics.accuracy import ACCURACY
from neuromgd.errors import InputError
from neuromgd.options.command import command, differences, sweep_command
from neuromgd.options.config import BusConfig, Config, LearningConfig, NetworkConfig, SynapseConfig
from neuromgd.options.device import DeviceConfig
from neuromgd.options.exploration import GOALS
from neuromgd.options.grid import Design
from neuromgd.options.read import settled
from neuromgd.plots.page.page import page
from neuromgd.study.asked import picture
from neuromgd.study.findings import findings
from neuromgd.study.trained import Run
from neuromgd.verdict.findings import (
    Card,
    Confusion,
    Findings,
    Front,
    Hardware,
    Looked,
    Values,
    Weights,
)
from neuromgd.verdict.row import Row
from tests.cli.browser import PROGRAM, browser

HOSTILE = "</style><script>alert(1)</script>\x1b[31m\u202egnp.exe$x^$\n&amp;\"'"


@st.composite
def configs(draw):
    number = st.floats(1e-6, 1e3)
    maybe = st.none() | number
    return Config(
        task=draw(st.sampled_from(["digits", "parity"])), ideal=draw(st.booleans()),
        chips=draw(st.integers(1, 9)), windows=draw(st.none() | st.integers(1, 10**9)),
        data_dir=draw(st.none() | st.sampled_from(["-x", "a b", "it's", "--out"])),
        network=NetworkConfig(hidden=draw(st.none() | st.tuples() | st.just((3, 4)))),
        learning=LearningConfig(rate=draw(maybe)),
        synapse=SynapseConfig(antithetic=draw(st.booleans()), amplitude_spread=draw(maybe)),
        device=DeviceConfig(write_noise=draw(maybe), update_step=draw(maybe)),
        bus=BusConfig(cost_noise=draw(maybe), cost_offset=draw(st.none() | st.floats(-9, 9)),
                      delta_bits=draw(st.none() | st.integers(1, 16))),
    )  # fmt: skip


@settings(max_examples=2)
@given(configs())
def test_the_command_gives_its_configuration_again(config):
    program, verb, *arguments = shlex.split(command(config))
    assert (program, verb) == ("neuromgd", "train")
    options = read(arguments)
    again = Config(**{name: getattr(options, name) for name in Config.__struct_fields__})
    assert settled(again) == settled(config)


def test_the_command_of_a_sweep_gives_its_design_again():
    design = Design(over=["a.b=1,2 with c=[3,4],x y", "d=lin:0:1"], kind="sobol", points=8,
                    target=0.85)  # fmt: skip
    _, _, *arguments = shlex.split(sweep_command(Config(chips=3), design))
    given, rest = split(arguments)
    assert design_of(given) == design
    assert read(rest, "sweep").chips == 3


def test_differences_are_those_alone():
    one = Config(chips=2, out="a")
    other = msgspec.structs.replace(one, bus=BusConfig(delay=3), out="b")
    assert differences([one, other, one]) == {"bus.delay": [0, 3, 0]}


def found(name, **more):
    """Returns findings with everything in them, some of it with a name from outside."""
    rows = [
        Row(n, 4 * n, n / 10, 1 / n, n / 20, [1 / n] * 20, [n / 20 + c / 500 for c in range(20)],
            1e-3, 0.1 * n, 0.01 * n)
        for n in range(1, 11)
    ]  # fmt: skip
    summary = {
        "task": "digits", "accuracy": 0.5, "accuracy_std": 0.1, "accuracy_chance": 0.1,
        "chips": 20, "layers": None, "model": name, "synapses": 9, "device": name, "steps": 40,
        "cost_readings": 80, "writes_per_synapse": 10.0, "tester_pulses_per_cell": 0.0,
        "wall_seconds": 1.0, "platform": name, "hardware_seconds": 1.0, "hardware_joules": 1.0,
        "stopped": [{"chip": 0, "window": 1, "what": name, "cause": name}], "notes": [name],
        "versions": {"python": name}, "delta_cost": 1e-3,
    }  # fmt: skip
    interval = SimpleNamespace(resource=name, cause="write", step=0, start=0, end=4, freed=5)
    return Findings(
        name=name, kind="run", state="finished", command=name, options={"out": name}, config=name,
        summary=summary, metric=ACCURACY, rows=rows, verdict=(name,), advice=(name,),
        looked=(Looked(name, 1.0, 2.0),), picture=Confusion([[3, 1], [0, 4]], [name, "1"]),
        weights=(Weights(name, [0.0, 0.5, 1.0], [0.25, 0.75]),), bounds=(-1.0, 1.0), at_bound=0.5,
        noises={name: 1e-4}, endurance=100.0, absent=(name,),
        hardware=Hardware(
            [interval], 1e-9, name, name, {name: {name: 1.0, "x": None}}, {name: 0.5}
        ),
    )._replace(**more)  # fmt: skip


class Seen(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def hostile():
    cloud = Values([0.0, 1.0], [0.1, 0.8], HOSTILE)
    other = found(HOSTILE, rows=(), weights=(), noises=None, picture=cloud)
    return page([found(HOSTILE), other, *searches()], HOSTILE, HOSTILE)


def searches():
    """Returns a tolerance card and a front, all of whose names come from outside."""
    bare = dict(rows=(), weights=(), noises=None, picture=None, hardware=None, looked=())
    number = {"number": HOSTILE, "today": 0.1, "tolerable": None, "low": 0.2, "high": 0.3,
              "margin": None, "verdict": HOSTILE}  # fmt: skip
    card = Card([number], {HOSTILE: (1e-3, 1.0, True)}, {HOSTILE: HOSTILE}, HOSTILE)
    design = {"trial": 1, HOSTILE: HOSTILE, "round": 3, "accuracy": 0.9, "accuracy_std": 0.1,
              "accuracy_low": 0.8, "accuracy_high": 1.0, "hardware_seconds": 2.0,
              "on_front": True, "reason": None, "config": HOSTILE}  # fmt: skip
    behind = design | {"trial": 2, "accuracy": 0.5, "on_front": False}
    left = dict.fromkeys(design) | {"trial": 3, "round": 0, "reason": HOSTILE, "on_front": False}
    front = Front([design, behind, left], [design], [HOSTILE], {"time": GOALS["time"]})
    yield found(HOSTILE, kind="tolerance search", card=card, **bare)
    yield found(HOSTILE, kind="exploration", front=front, **bare)


def test_what_a_folder_brings_in_is_visible_text(hostile):
    seen = Seen(hostile)
    assert not {"script", "iframe", "object", "embed", "base", "form"} & {t for t, _ in seen.tags}
    assert "\x1b" not in hostile
    assert "\u202e" not in hostile
    assert r"</style><script>alert(1)</script>\x1b[31m\u202egnp.exe$x^$\n&amp;" in seen.text
    assert all(not name.startswith("on") and name != "style" for _, some in seen.tags
               for name in some)  # fmt: skip


def test_nothing_but_the_one_sheet_and_pictures_inside_are_allowed(hostile):
    policy = re.search(r'Policy" content="([^"]*)"', hostile)[1]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; ")
    (sheet,) = re.findall(r"<style>(.*?)</style>", hostile, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    for _, attributes in Seen(hostile).tags:
        for name in ("href", "src", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))


def test_every_figure_has_a_text_alternative_and_names_of_its_own(hostile):
    seen = Seen(hostile)
    figures = [some for tag, some in seen.tags if tag == "svg"]
    ids = [some["id"] for _, some in seen.tags if "id" in some]
    # 4 curves, picture, weights, noise, chart, energy; the last two again, and a cloud; a card and
    # a front.
    assert len(figures) == 9 + 3 + 2
    assert len(ids) == len(set(ids))
    for one in figures:
        assert one["role"] == "img"
        assert set(one["aria-labelledby"].split()) <= set(ids)
    links = {some["href"][1:] for _, some in seen.tags if some.get("href", "").startswith("#")}
    assert links <= set(ids)


def test_a_page_is_the_same_twice_and_small():
    every = found("run", rows=(), picture=None, noises=None, hardware=None)
    assert page([every], "1") == (text := page([every], "1"))
    assert len(text) < 50_000
    assert "What could not be told" in text
    bare = every._replace(absent=(), weights=())
    assert "What could not be told" not in page([bare], "1")


def test_classes_are_counted_over_chips_and_positions():
    def counts(outputs, y, classes, width):
        x = np.zeros((len(y), 1), np.float32)
        data = Dataset("mine", x, y, x, y, scale=1.0, classes=classes, outputs=width)
        engine = SimpleNamespace(predict=lambda chips, x: outputs)
        plan = SimpleNamespace(data=data)
        return picture(Run(None, None, {}, [], None, plan, engine)).counts

    outputs = np.zeros((2, 3, 4))  # chips, samples, classes
    outputs[0, [0, 1, 2], [1, 1, 3]] = 1
    outputs[1, [0, 1, 2], [0, 1, 3]] = 1
    every = [[0, 0, 0, 0], [1, 3, 0, 0], [0, 0, 0, 2], [0, 0, 0, 0]]
    assert counts(outputs, np.array([1, 1, 2]), 4, 4) == every
    # One sample of three positions is as good as three samples.
    assert counts(outputs[:, None], np.array([[1, 1, 2]]), 4, 4) == every
    one = np.array([[[0.4], [0.6], [0.9]]])
    assert counts(one, np.array([0, 0, 1]), 2, 1) == [[1, 1], [0, 1]]


def test_what_is_no_run_and_no_report_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no run"):
        findings(tmp_path)
    with pytest.raises(InputError, match="give the folder"):
        main([])
    own = tmp_path / "mine.html"
    own.write_text("<p>of a user")
    with pytest.raises(InputError, match="is no report"):
        destination(["a", "b"], str(own))


@pytest.mark.slow
@pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_shows_it_without_a_network(hostile, tmp_path, width, scheme):
    path = tmp_path / "page.html"
    path.write_text(hostile, encoding="utf-8")
    with browser(tmp_path / "profile") as shown:
        shown.open(path, width, scheme)
        assert shown.value("document.documentElement.scrollWidth") <= width
        assert shown.value("document.querySelectorAll('svg > title').length") == 14
        ground, ink = (
            shown.value(f"getComputedStyle(document.body).{what}.match(/\\d+/g).map(Number)")
            for what in ("backgroundColor", "color")
        )
        assert (sum(ground) > sum(ink)) == (scheme == "light")
        text = (
            "getComputedStyle(document.querySelector('svg text')).fill.match(/\\d+/g).map(Number)"
        )
        assert shown.value(text) == ink
        assert shown.complaints == []
        assert set(shown.requests) == {path.resolve().as_uri()}
