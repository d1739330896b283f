"""Device sheets: every one can be used, every fault is told by file, line, key and reason."""

import json
import math
import re
from pathlib import Path

import pytest

from neuromgd.cell_choices import NO_CHOICES
from neuromgd.errors import InputError
from neuromgd.sheets import catalogue, device, library
from neuromgd.sheets.cell import cell
from neuromgd.sheets.quantities import EFFECTS, KINDS
from neuromgd.sheets.valid import refuse_outside
from neuromgd.words import Bound, Draws, Joining
from tests.oracles.toolkit import PRESETS

NAMES = library.names("devices")
GOOD = """\
name       = "good"
technology = "HfO2 ReRAM"
law        = "linear"
not_modelled = [
  "spread: one device",
  "write_noise: not measured",
  "retention: not measured",
  "temperature: not measured",
  "read_noise: not measured",
  "stuck: one device",
  "endurance: not measured",
  "write_time: not given",
  "write_energy: not given",
]

[source]
authors = "A. Author"
title   = "A device"
venue   = "A venue"
year    = 2020
doi     = "10.1000/xyz"

[quantities.conductance_min]
value = 5
unit  = "uS"
basis = "measured"
where = "Fig. 1"

[quantities.conductance_max]
value = 45
unit  = "uS"
basis = "measured"
where = "Fig. 1"

[quantities.update_step]
value = 0.4
unit  = "uS"
basis = "fitted"
where = "Fig. 2"

[quantities.cycle_noise]
value = 30
unit  = "%"
basis = "fitted"
where = "Fig. 3"

[valid.update_step]
low   = 0.1
high  = 1
unit  = "uS"
where = "Fig. 2"
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str, stem: str = "good") -> Path:
        path = tmp_path / f"{stem}.toml"
        path.write_text(text)
        return path

    return write


def test_a_conductance_becomes_a_weight(write):
    numbers = device.load(str(write(GOOD))).cell().numbers
    assert numbers["update_step"] == pytest.approx(0.4 * 2 / 40)
    assert numbers["cycle_noise"] == pytest.approx(0.3)
    assert numbers["zero_signal_weight"] == pytest.approx(-1 - 5 * 2 / 40)


def test_the_set_is_large_and_told_apart():
    assert len(NAMES) >= 25
    assert len({device.load(name).digest for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_sheet_has_nothing_to_complain_about(name):
    assert device.check(library.locate("devices", name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_recalled_values_are_assumed(name):
    for quantity in device.load(name).sheet.quantities.values():
        if "recalled" in quantity.where:
            assert quantity.basis == "assumed"


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_finite(name):
    for number in device.load(name).cell().numbers.values():
        values = number if isinstance(number, tuple) else (number,)
        assert all(math.isfinite(value) for value in values)


def test_up_down_shortens_one_direction():
    numbers = device.load("reram_es_gong2018").cell().numbers
    step, asymmetry = numbers["update_step"], numbers["update_asymmetry"]
    assert step * (1 + asymmetry) == pytest.approx(0.00135)
    assert step * (1 - asymmetry) == pytest.approx(0.00135 * (1 - 0.259359))


def test_up_down_takes_from_a_gain_that_is_added_to():
    numbers = device.load("reram_es_gong2018").cell().numbers
    # In units of the source, g has a spread of 0.2 and r of 0.05, whatever up_down says.
    assert numbers["update_step"] * numbers["update_step_spread"] == pytest.approx(0.2 * 0.00135)
    assert numbers["update_step"] * numbers["update_asymmetry_spread"] == pytest.approx(
        0.05 * 0.00135
    )


@pytest.mark.parametrize("name", PRESETS)
def test_sheets_of_the_toolkit_state_its_choices(name):
    assert set(device.load(name).sheet.choices) >= {"asymmetry_joining"}
    chosen = device.load(name).cell().choices
    assert chosen.asymmetry_joining is Joining.SUM
    has_bend = PRESETS[name].slopes != (0.0, 0.0, 0.0)
    assert (chosen.nonlinearity_draws is Draws.INDEPENDENT) == has_bend
    assert (chosen.nonlinearity_bound is Bound.MEAN) == has_bend


def test_a_sheet_that_says_nothing_is_read_as_before(write):
    assert device.load(str(write(GOOD))).cell().choices == NO_CHOICES


CHOICE = '[choices.asymmetry_joining]\nvalue = "sum"\nwhere = "Fig. 1"\n'


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('"sum"', '"maybe"', "choices.asymmetry_joining.value", "allowed are product, sum"),
        ('"sum"', "3", "choices.asymmetry_joining.value", "3: Expected"),
        ('where = "Fig. 1"', "", "choices.asymmetry_joining.where", "is missing"),
        ("asymmetry_joining]", "asymmetry]", "choices.asymmetry", "unknown choice; there are"),
        ("[choices.asymmetry_joining]", "[choices]", "choices.value", "expected a table"),
    ],
)
def test_a_wrong_choice_is_told_with_its_line(write, old, new, key, reason):
    assert device.check(write(GOOD + CHOICE)) == []
    complaints = device.check(write(GOOD + CHOICE.replace(old, new)))
    assert any(f": {key}: " in one and reason in one for one in complaints), complaints


def test_a_log_normal_gain_has_no_sum_with_up_down(write):
    quantity = '[quantities.{}]\nvalue = 0.1\nunit = ""\nbasis = "fitted"\nwhere = "Fig. 1"\n'
    text = GOOD + CHOICE + quantity.format("up_down") + quantity.format("update_step_log_spread")
    complaints = [one for one in device.check(write(text)) if "choices" in one]
    assert len(complaints) == 1
    assert "log-normal" in complaints[0]


def test_a_programming_polynomial_is_scaled_to_weights():
    numbers = device.load("pcm_joshi2020").cell().numbers
    assert numbers["programming_noise"] == pytest.approx(
        [c * 2 / 25 for c in (0.26348, 1.965, -1.1731)]
    )


# Text that is replaced, its replacement, the key and the reason that must be told.
FAULTS = [
    ('basis = "measured"\nwhere = "Fig. 1"', 'basis = "guessed"\nwhere = "Fig. 1"',
     "quantities.conductance_min.basis", "allowed are measured, fitted, derived, assumed"),
    ('where = "Fig. 3"\n', "", "quantities.cycle_noise.where", "is missing"),
    ("value = 0.4", 'value = "0.4"', "quantities.update_step.value", "'0.4': Expected"),
    ("value = 0.4", "value = nan", "quantities.update_step.value", "nan: allowed are"),
    ("value = 0.4", "value = -0.4", "quantities.update_step.value", "allowed are 1e-30 to inf"),
    ("value = 0.4", "value = 2.0", "quantities.update_step.value", "outside valid.update_step"),
    ("value = 0.4", "value = [0.4]", "quantities.update_step.value", "expected one number"),
    ('unit  = "%"', 'unit  = "parsec"', "quantities.cycle_noise.unit", "unknown unit 'parsec'"),
    ('unit  = "%"', 'unit  = "s"', "quantities.cycle_noise.unit", "is a time, not number"),
    ("[quantities.cycle_noise]", "[quantities.cycle_nois]", "quantities.cycle_nois",
     "near are cycle_noise"),
    ("value = 5\n", "value = 50\n", "quantities.conductance_min", "must be below conductance_max"),
    ('law        = "linear"', 'law        = "cubic"', "law", "allowed are ideal, linear"),
    ('law        = "linear"', 'law        = "exponential"', "quantities", "law exponential needs"),
    ('law        = "linear"', 'law        = "lookup"', "tables", "needs [tables]"),
    ('law        = "linear"', 'law        = "linear"\ncolour = 1', "colour", "unknown key"),
    ('doi     = "10.1000/xyz"', 'doi     = "xyz"', "source.doi", "matching regex"),
    ("venue   = ", "where   = ", "source.venue", "is missing"),
    ('  "stuck: one device",\n', "", "not_modelled", "stuck: no quantity gives it"),
    ('"stuck: one device"', '"stuck"', "not_modelled", "expected 'effect: why'"),
    ('name       = "good"', 'name       = "bad"', "name", "must be the name of its file, good"),
    ("low   = 0.1", "low   = 10", "valid.update_step.low", "must not be above high"),
    ("[valid.update_step]", "[valid.leak_time]", "valid.leak_time.unit",
     "is a conductance, not time"),
    *(("[quantities.cycle_noise]",
       f'[quantities.{process}_activation_energy]\nvalue = 0.1\nunit = "eV"\nbasis = "assumed"\n'
       'where = "test"\n\n[quantities.cycle_noise]',
       f"quantities.{process}_activation_energy", f"says nothing without {need}")
      for process, need in (("conductance", "temperature"), ("step", "temperature"))),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "reason"), FAULTS)
def test_a_fault_is_told_with_its_line(write, old, new, key, reason):
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    path = write(text)
    complaints = device.check(path)
    told = [c for c in complaints if c.startswith(str(path)) and f": {key}: " in c]
    assert len(told) == 1, complaints
    assert reason in told[0]
    line = int(told[0].removeprefix(f"{path}:").partition(":")[0])
    # The line names the key, or the table that it is missing from.
    shown, names = text.splitlines()[line - 1], key.split(".")
    assert names[-1] in shown or names[-2:][0] in shown or line == 1
    with pytest.raises(InputError, match=re.escape(str(path))):
        device.load(str(path))


def test_all_faults_are_told_in_one_pass(write):
    text = GOOD
    independent = [0, 1, 3, 7, 11, 15, 16, 17, 20]
    for old, new, _, _ in (FAULTS[i] for i in independent):
        text = text.replace(old, new, 1)
    complaints = device.check(write(text))
    for _, _, key, reason in (FAULTS[i] for i in independent):
        assert any(f": {key}: " in c and reason in c for c in complaints), (key, complaints)
    lines = [int(re.search(r"\.toml:(\d+):", c)[1]) for c in complaints]
    assert lines == sorted(lines)
    assert "\n" not in "".join(complaints)


def test_an_override_outside_the_valid_range_is_refused(write):
    sheet = device.load(str(write(GOOD)))
    refuse_outside(sheet.sheet, {"update_step": 0.02}, "good.toml")
    with pytest.raises(
        InputError, match=r"good.toml: update_step: 0.5 is outside .* 0.005 to 0.05"
    ):
        refuse_outside(sheet.sheet, {"update_step": 0.5}, "good.toml")


def test_a_converted_number_is_held_to_the_valid_range(write):
    sheet = device.load(str(write(GOOD))).sheet
    assert cell(sheet).numbers["update_step"] == pytest.approx(0.02)


def test_the_digest_follows_the_content(write):
    one = device.load(str(write(GOOD))).digest
    other = device.load(str(write(GOOD.replace("Fig. 3", "Fig. 4")))).digest
    assert one != other
    assert len(one) == 16


def test_what_is_no_toml_is_refused(write):
    with pytest.raises(InputError, match="cannot be read as TOML"):
        device.load(str(write("name = ")))


def test_the_schema_for_editors_is_current():
    path = library.folder("devices").parent / "schema" / "device.json"
    assert json.loads(path.read_text()) == json.loads(json.dumps(device.schema())), (
        "run: neuromgd devices schema > hardware_models/schema/device.json"
    )


def test_the_table_in_the_readme_is_current():
    text = (library.folder("devices").parent / "README.md").read_text()
    table = text.split("<!-- neuromgd devices list --markdown -->\n")[1].split("\n<!-- end -->")[0]
    assert table == catalogue.markdown(), "run: neuromgd devices list --markdown"


def test_every_quantity_and_effect_is_described():
    assert all(kind.meaning and kind.dimensions for kind in KINDS.values())
    assert all(names <= KINDS.keys() for names in EFFECTS.values())
