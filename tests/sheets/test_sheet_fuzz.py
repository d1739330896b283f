"""Sheets from anywhere: never a traceback, always file, key and reason."""

import shutil
import tomllib

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuromgd.errors import InputError
from neuromgd.sheets import device, library
from neuromgd.sheets.quantities import KINDS

SHEETS = {
    name: tomllib.loads(library.locate("devices", name).read_text())
    for name in ("reram_es_gong2018", "agasi_jo2010", "pcm_joshi2020", "dwmtj_stt300_lut")
}
ODD = st.one_of(
    st.text(max_size=12),
    st.floats(),
    st.integers(-(10**30), 10**30),
    st.sampled_from([0, -1, 1e300, 1e-300, float("nan"), float("inf"), True, 10**400]),
    st.lists(st.one_of(st.floats(), st.text(max_size=3)), max_size=3),
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(), max_size=2),
    st.sampled_from(["uS", "S", "s", "%", "nonsense", "pulses", "K", "eV", "measured", "assumed"]),
    st.datetimes(),
)


def paths(tree, prefix=()):
    for key, value in tree.items():
        yield (*prefix, key)
        if isinstance(value, dict):
            yield from paths(value, (*prefix, key))


@st.composite
def broken(draw):
    """A sheet with one to four things removed, replaced or added."""
    tree = tomllib.loads(tomli_w.dumps(draw(st.sampled_from(list(SHEETS.values())))))
    for _ in range(draw(st.integers(1, 4))):
        *groups, last = draw(st.sampled_from(list(paths(tree)) or [("name",)]))
        table = tree
        for group in groups:
            table = table[group]
        action = draw(st.sampled_from(["remove", "replace", "add", "rename"]))
        if action == "remove":
            table.pop(last, None)
        elif action == "replace":
            table[last] = draw(ODD)
        elif action == "add":
            table[draw(st.sampled_from([*KINDS, "colour", "value", "tables"]))] = draw(ODD)
        else:
            table[draw(st.sampled_from(list(KINDS)))] = table.pop(last, 1)
    return tree


def assert_told(folder, tree):
    path = folder / "fuzzed.toml"
    path.write_text(tomli_w.dumps(tree))
    # Tables stand beside the sheets that ship.
    target = folder / "tables"
    if not target.exists():
        shutil.copytree(library.folder("devices") / "tables", target)
    try:
        device.load(str(path)).cell()
    except InputError as error:
        message = str(error)
        assert message.startswith(str(path))
        assert "\n" not in message
        assert message.count(": ") >= 2, f"file, key and reason are wanted: {message}"


# A loaded machine draws slowly; that says nothing of the sheets.
SLOW = [HealthCheck.too_slow]


@settings(max_examples=150, suppress_health_check=SLOW)
@given(broken())
def test_a_broken_sheet_is_refused_in_one_line(tmp_path_factory, tree):
    assert_told(tmp_path_factory.getbasetemp(), tree)


@pytest.mark.slow
@settings(max_examples=10_000, suppress_health_check=SLOW)
@given(broken())
def test_ten_thousand_broken_sheets_are_refused_in_one_line(tmp_path_factory, tree):
    assert_told(tmp_path_factory.getbasetemp(), tree)
