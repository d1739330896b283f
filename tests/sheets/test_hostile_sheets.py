"""Sheets and tables from strangers: nothing is read that is not theirs, and nothing takes long."""

import gzip
import io
import os
import re
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from neuromgd.characterise.text import LARGEST_BYTES
from neuromgd.cli.devices import show
from neuromgd.data import idx, parquet
from neuromgd.errors import InputError
from neuromgd.options.read import from_file
from neuromgd.sheets import device, library

ECRAM = library.locate("devices", "ecram_mo_kim2019").read_text()
LUT = library.locate("devices", "dwmtj_stt300_lut")


def written(folder, text, name="sheet"):
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


def told(path):
    """What is said of a sheet, in the time that a user has."""
    begun = time.process_time()  # of its own: other processes may hold the machine
    try:
        said = "\n".join(device.check(path))
    except InputError as error:
        said = str(error)
    assert time.process_time() - begun < 5
    assert len(said) < 20_000
    return said


@pytest.fixture
def lut(tmp_path):
    """A sheet with a table of its own, which may be replaced."""
    (tmp_path / "inside").mkdir()
    text = LUT.read_text()
    for side in ("up", "down"):
        name = f"tables/dwmtj_stt300_lut_{side}.txt"
        (tmp_path / "inside" / f"{side}.txt").write_text((LUT.parent / name).read_text())
        text = text.replace(name, f"{side}.txt")
    sheet = written(tmp_path / "inside", text, LUT.stem)
    assert told(sheet) == ""
    return sheet


@pytest.mark.parametrize("how", ["absolute", "above", "link"])
def test_a_table_outside_the_folder_of_its_sheet_is_not_read(tmp_path, lut, how):
    (tmp_path / "secret.txt").write_text("root:x:0\nmy secret\n" * 4)
    table = lut.parent / "up.txt"
    if how == "link":
        table.unlink()
        table.symlink_to(tmp_path / "secret.txt")
    else:
        name = str(tmp_path / "secret.txt") if how == "absolute" else "../secret.txt"
        lut.write_text(lut.read_text().replace("up.txt", name))
    assert "outside the folder of the sheet" in told(lut)


def test_what_stands_in_a_table_that_is_none_is_not_told(lut):
    (lut.parent / "up.txt").write_text("header\nmy secret\n")
    assert "line 2 holds no numbers" in told(lut)
    assert "secret" not in told(lut)


def test_what_is_no_file_is_not_read(tmp_path, lut):
    table = lut.parent / "up.txt"
    table.unlink()
    os.mkfifo(table)
    assert "no regular file" in told(lut)
    for name in ("pipe.toml", "zero.toml"):
        path = tmp_path / name
        os.mkfifo(path) if name == "pipe.toml" else path.symlink_to("/dev/zero")
        with pytest.raises(InputError, match="no regular file"):
            library.table(path)
        with pytest.raises(InputError, match="no regular file"):
            idx.read_idx(path)


@pytest.mark.timed
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[quantities]\n" + "".join(f"k{n}.value = 1\n" for n in range(3000)), "3,000 entries"),
        ("".join(f"k{n} = 1\n" for n in range(70_000)), "70,000 entries"),
        ("[" + ".".join("a" * 50_000) + "]\n", "more than 32 parts"),
        (".".join("a" * 50_000) + " = 1\n", "more than 32 parts"),
        ("a = " + "[" * 100_000, "cannot be read as TOML"),
        ("a = " + "{a=" * 10_000, "cannot be read as TOML"),
        ("seed = 0x" + "f" * 100_000, "over 64 bits"),
        ("seed = " + "9" * 100_000, "cannot be read as TOML"),
        ("a = 1 # " + "x" * 2_000_000, "larger than"),
    ],
)
def test_a_sheet_that_is_none_is_refused_at_once(tmp_path, text, reason):
    path = written(tmp_path, text)
    assert re.search(reason, told(path))
    with pytest.raises(InputError) as refused:
        from_file(path)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 4000


def test_what_a_sheet_says_is_shown_as_it_stands_in_one_line(tmp_path, capsys):
    odd = "[/foo] [link=x]y[/link]\\u001b[2J\\u202e\\nneuromgd: fake"
    text = ECRAM.replace('where = "aihwkit', f'where = "{odd}', 1)
    text = re.sub('technology = "', lambda found: found[0] + odd, text)
    path = written(tmp_path, text, "ecram_mo_kim2019")
    show(device.load(str(path)))
    shown = capsys.readouterr().out
    assert shown.replace("\n", "").isprintable()
    assert "[/foo] [link=x]y[/link]\\x1b[2J\\u202e\\nneuromgd: fake" in shown
    assert not any(line.startswith("neuromgd") for line in shown.splitlines())


def test_what_unpacks_to_more_than_any_data_set_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(idx, "LARGEST", 100_000)
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(bytes([0, 0, 8, 1, 0, 16, 0, 0]) + bytes(2**20)))
    with pytest.raises(InputError, match="unpacks to more than the 100,000 bytes"):
        idx.read_idx(path)


def test_a_table_of_more_rows_than_any_data_set_is_refused(tmp_path):
    many = pa.table({"label": pa.array([0], pa.int8()).take(pa.array([0] * 600_000))})
    sink = io.BytesIO()
    pq.write_table(many, sink)
    path = tmp_path / "x.parquet"
    path.write_bytes(sink.getvalue())
    assert len(sink.getvalue()) < LARGEST_BYTES
    with pytest.raises(InputError, match="600,000 rows"):
        parquet.read_parquet(path, "label", "label", (2, 2), 10)
