"""Reading measured curves: every layout gives the same curve, what is not understood is refused."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.characterise.curve import read
from neuromgd.errors import InputError
from tests.characterise.cells import NUMBER, PULSES, SIGNED, noisy, soft
from tests.characterise.layouts import LAYOUTS, rows

G = noisy()


def one(path, **options):
    (data,) = read(path, **options).devices
    return data


def written(folder, text, name="data.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_gives_the_curve(name, tmp_path):
    text, options = LAYOUTS[name]
    data = one(written(tmp_path, text), **options)
    np.testing.assert_array_equal(data.pulses, SIGNED)
    size = {"uS": 1, "S": 1e6}[data.unit]
    np.testing.assert_allclose(data.conductance * size, G, rtol=1e-4)
    assert data.starts == (0,)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("head", ["pulse,G [µS]\n", ""])
def test_every_encoding_gives_the_curve(encoding, head, tmp_path):
    path = written(tmp_path, head + rows(range(len(G)), G), encoding=encoding)
    data = one(path, **({} if head else {"unit": "uS"}))
    np.testing.assert_array_equal(data.conductance, G)


def test_a_workbook_gives_the_curve(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["cell A12"])
    book.active.append(["pulse", "G [uS]"])
    for n, g in enumerate(G):
        book.active.append([n, float(g)])
    book.save(tmp_path / "data.xlsx")
    np.testing.assert_array_equal(one(tmp_path / "data.xlsx").conductance, G)
    (tmp_path / "bad.xlsx").write_text("pulse,G [uS]\n0,1\n")
    with pytest.raises(InputError, match="cannot be read as a workbook"):
        read(tmp_path / "bad.xlsx")


def test_without_openpyxl_a_workbook_is_refused_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"pip install 'neuromgd\[xlsx\]'"):
        read(tmp_path / "data.xlsx")


def test_missing_points_leave_their_pulses(tmp_path):
    shown = [str(g) if n not in (7, 8, 60) else "nan" for n, g in enumerate(G)]
    data = one(written(tmp_path, "pulse,G [uS]\n" + rows(range(len(G)), shown)))
    assert len(data.conductance) == len(G) - 3
    assert data.pulses[6] == 3
    assert data.pulses.sum() == 0
    assert np.abs(data.pulses).sum() == 2 * PULSES


@pytest.mark.parametrize("is_signed", [True, False])
def test_cycles_are_told_apart(is_signed, tmp_path):
    signed = np.tile(SIGNED, 3)
    g = noisy(soft(signed))
    number = np.concatenate([[0], np.cumsum(signed if is_signed else np.abs(signed))])
    data = one(written(tmp_path, "pulse,G [uS]\n" + rows(number, g)))
    assert np.mean(data.pulses == signed) > 0.98
    assert data.starts == (0,)


def test_a_cell_that_is_reset_between_ways_up_is_set_anew_each_time(tmp_path):
    up = soft()[: PULSES + 1]
    text = "pulse,G [uS]\n" + rows([*range(PULSES + 1)] * 3, noisy(np.tile(up, 3)))
    data = one(written(tmp_path, text))
    assert data.starts == (0, PULSES + 1, 2 * (PULSES + 1))
    assert set(np.delete(data.pulses, np.array(data.starts[1:]) - 1)) == {1}


@pytest.mark.parametrize("first", ["down", "only"])
def test_a_way_down_is_seen(first, tmp_path):
    g = noisy(soft(-SIGNED, start=1.0))[: len(G) if first == "down" else PULSES + 1]
    data = one(written(tmp_path, "pulse,G [uS]\n" + rows(range(len(g)), g)))
    np.testing.assert_array_equal(data.pulses, -SIGNED[: len(g) - 1])


@pytest.mark.parametrize(
    ("values", "turn"),
    [
        ([2, 30, 38, 33.5, 29, 24.5, 20, 15.5, 11, 6.5], 2),
        ([5, 15, 24, 32, 39, 45, 34, 24, 15, 7], 5),
    ],
)
def test_short_curves_turn_where_they_turn(values, turn, tmp_path):
    data = one(written(tmp_path, "pulse,G [uS]\n" + rows(range(len(values)), values)))
    np.testing.assert_array_equal(data.pulses, [1] * turn + [-1] * (len(values) - 1 - turn))


def test_devices_stand_in_columns_or_in_rows(tmp_path):
    wide = "pulse,A1 [uS],A2 [uS]\n" + rows(NUMBER, G, 2 * G)
    long = "device,pulse,G [uS]\n" + rows(
        ["A1"] * len(G) + ["A2"] * len(G), [*NUMBER, *NUMBER], np.concatenate([G, 2 * G])
    )
    for text in (wide, long):
        devices = read(written(tmp_path, text)).devices
        assert [device.device for device in devices] == ["A1", "A2"]
        np.testing.assert_allclose(devices[1].conductance, 2 * G)
        np.testing.assert_array_equal(devices[1].pulses, SIGNED)


HEAD = "pulse,G [uS]\n"
EIGHT = range(8)
REFUSED = {
    "pulse,G [uS]\n1,2\nx,3\n1,2\n1,2\n1,2\n": r":3: read 'x,3'",
    HEAD + "1,2\n" * 3: "3 rows: at least 8",
    HEAD + "".join(f"{i},nan\n" for i in range(9)): "holds no rows|0 rows|no column",
    HEAD + "".join(f"{i / 2},{i}\n" for i in range(9)): r":3: .*must be whole",
    HEAD + "".join(f"{i},7\n" for i in range(9)): "never changes",
    HEAD + "1,2\n" * 9: "not all the same",
    "pulse,g [s]\n" + "".join(f"{i},{i}\n" for i in range(9)): "no unit of conductance",
    "pulse,G (S/cm)\n" + "".join(f"{i},{i}\n" for i in range(9)): "'S/cm' is no unit",
    "pulse,G\n" + "".join(f"{i},{i}\n" for i in range(9)): "no unit stands in the heading 'G'",
    "time [s],G [uS]\n" + "".join(f"{i},{i}\n" for i in range(9)): "is no pulse number: retention",
    "pulse,I [A]\n" + "".join(f"{i},{i}\n" for i in range(9)): "read-voltage",
    HEAD + "".join(f"{i},{i if i != 5 else 9.9e37}\n" for i in range(9)): ":7: .*over range",
    HEAD + "".join(f"{i},{i if i != 5 else -8}\n" for i in range(9)): ":7: .*which no cell has",
    "G [uS]\n" + "".join(f"{i},5\n" for i in range(9)): "1 headings for rows of 2 columns",
    "pulse;G [uS]\n0;1,5\n1;2.5\n2;3,5\n3;3,5\n": ":3: .*one decimal mark",
    "".join(f"{i}.5,{i}.5\n" for i in range(9)): "without a heading",
    "".join(f"{i},{i}.5,3\n" for i in range(9)): "3 columns without a heading",
    "pulse,cycles\n" + "".join(f"{i},{i}\n" for i in range(9)): "is a conductance, current or",
    "pulse,up,G [uS]\n" + "".join(f"{i},{i},3\n" for i in range(9)): "pulse numbers or readings",
    "direction,G [uS]\n" + "".join(f"sideways,{i}\n" for i in range(9)): "is no direction",
    "pulse,G [uS],H [nS]\n" + "".join(f"{i},{i + 1},{i}\n" for i in range(9)): "give one unit",
    "": "holds no rows|is empty",
    "words alone\n": "holds no rows",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_understood_is_refused_with_its_place(tmp_path, text):
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=REFUSED[text]) as refused:
        read(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_left_out_is_told(tmp_path):
    head = "time [s],pulse,V_write [V],G [uS],I [A]\n"
    text = head + rows(range(len(G)), range(len(G)), [1.5] * len(G), G, [1e-6] * len(G))
    notes = "; ".join(read(written(tmp_path, text)).notes)
    assert all(name in notes for name in ("time [s]", "V_write [V]", "I [A]"))


def test_what_is_used_is_not_told_as_left_out(tmp_path):
    """Write voltages of both signs are the direction, and a current needs its read voltage."""
    half = len(G) // 2
    ways = [1.2] * half + [-1.2] * (len(G) - half)
    found = read(written(tmp_path, "V_write [V],G [uS]\n" + rows(ways, G)))
    assert not any("not used" in note for note in found.notes)
    table = "V_write [V],V_read [V],I [uA]\n" + rows(ways, [0.1] * len(G), G)
    assert not any("not used" in note for note in read(written(tmp_path, table)).notes)
    table = "direction,V_write [V],V_read [V],G [uS]\n" + rows(
        ["up"] * half + ["down"] * (len(G) - half), ways, [0.1] * len(G), G
    )
    (note,) = [note for note in read(written(tmp_path, table)).notes if "not used" in note]
    assert "V_write [V]" in note
    assert "V_read [V]" in note


def test_a_unit_that_is_given_stands_over_the_heading(tmp_path):
    found = read(written(tmp_path, "pulse,G [uS]\n" + rows(range(len(G)), G)), unit="nS")
    assert found.devices[0].unit == "nS"
    assert "'nS', as given" in found.notes[0]


def outcome(path, **options):
    try:
        return read(path, **options)
    except InputError as refusal:
        told = str(refusal)
    assert "\n" not in told
    return None


PIECES = st.sampled_from(
    [",", ";", "\t", " ", "\n", "\n", "1", "2", "-3", "4.5", "6,7", "1e3", "9.9E+37", "nan", "inf",
     "pulse", "G [uS]", "I [A]", "up", "down", "device", "cycle", "#", '"', "µ", "\x00", "Ω", "/",
     "1e400", "١", "²", "[", ")", "_uS", "time", "V_read [V]"]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=80), st.sampled_from([None, "uS", "1", "bad"]))
def test_no_text_ends_in_a_traceback(tmp_path_factory, pieces, unit):
    outcome(written(tmp_path_factory.mktemp("fuzz"), "".join(pieces)), unit=unit)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(sorted(LAYOUTS)), st.data())
def test_no_damage_to_a_file_ends_in_a_traceback(tmp_path_factory, name, data):
    text, options = LAYOUTS[name]
    cut = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    damaged = text[: cut[0]] + data.draw(st.text(max_size=8)) + text[cut[1] :]
    path = tmp_path_factory.mktemp("fuzz") / "data.csv"
    path.write_bytes(damaged.encode("utf-8", "surrogatepass"))
    outcome(path, **options)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_end_in_a_traceback(tmp_path_factory, data):
    folder: Path = tmp_path_factory.mktemp("fuzz")
    for name in ("data.csv", "data.xlsx") if importlib.util.find_spec("openpyxl") else ("a.csv",):
        (folder / name).write_bytes(data)
        outcome(folder / name)


def test_a_folder_or_a_missing_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none.csv", tmp_path / "none.xlsx"):
        assert outcome(path) is None
