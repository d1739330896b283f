"""``neuromgd devices``: what is printed, what is written, what is refused."""

import json

import numpy as np
import pytest

from neuromgd.cli.devices import main
from neuromgd.errors import InputError
from neuromgd.sheets import device, library


def test_the_list_has_a_line_for_every_sheet(capsys):
    main(["list"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(library.names("devices"))
    for line, name in zip(lines[1:], library.names("devices"), strict=True):
        assert line.startswith(name)


def test_a_sheet_is_shown_with_its_assumed_values_marked(capsys):
    main(["show", "pcm_nandakumar2020"])
    out = capsys.readouterr().out
    assert "doi:10.3389/fnins.2020.00406" in out
    assumed = [line.split()[0] for line in out.splitlines() if "ASSUMED" in line]
    assert assumed == [
        "refresh_upper", "refresh_lower", "conductance_min", "write_time_up", "endurance_cycles",
    ]  # fmt: skip
    for name in device.load("pcm_nandakumar2020").cell().numbers:
        assert f"  {name} = " in out


def test_a_good_sheet_is_called_good(capsys):
    main(["check", str(library.locate("devices", "sram_nbit"))])
    assert "good, 3 quantities, 1 of them assumed" in capsys.readouterr().out


def test_every_problem_of_a_bad_sheet_is_printed(tmp_path, capsys):
    text = library.locate("devices", "sram_nbit").read_text()
    path = tmp_path / "sram_nbit.toml"
    path.write_text(text.replace('levels"', 'metres"').replace("2020", "20"))
    with pytest.raises(InputError, match="2 problems"):
        main(["check", str(path)])
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 2
    assert all(line.startswith(f"{path}:") for line in out)


def test_the_schema_is_printed(capsys):
    main(["schema"])
    assert json.loads(capsys.readouterr().out)["title"] == "Device"


def test_a_figure_is_written(tmp_path, capsys):
    out = tmp_path / "x.png"
    main(["plot", "fefet_jerry2017", "--out", str(out), "--cells", "20"])
    assert out.stat().st_size > 10_000
    assert str(out) in capsys.readouterr().out


def test_a_curve_is_fitted_and_its_sheet_written(tmp_path, capsys):
    data, out = tmp_path / "cell.csv", tmp_path / "cell.toml"
    up = 5 + 40 * (1 - np.exp(-np.arange(51) / 25)) / (1 - np.exp(-2))
    rows = [*up, *up[-2::-1]]
    data.write_text("".join(f"{n},{g}\n" for n, g in enumerate(rows)))
    main(["fit", str(data), "--unit", "uS", "--out", str(out)])
    assert device.check(out) == []
    assert "R² 1.000" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["show"], "devices show: give a sheet"),
        (["show", "nonsense"], "no sheet 'nonsense'"),
        (["juggle"], "invalid choice 'juggle'"),
        (["plot", "sram_nbit", "--cells", "0"], "at least 1"),
        (["fit", "nowhere.csv"], "cannot be read"),
        (["fit", "nowhere.csv", "--out", "x.json"], "allowed endings are .toml"),
    ],
)
def test_mistakes_are_refused_in_one_line(arguments, reason):
    with pytest.raises(InputError, match=reason) as refused:
        main(arguments)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "arguments",
    [
        ["plot", "ecram_mo_kim2019", "--out", "/nonexistent/a.png"],
        ["plot", "ecram_mo_kim2019", "--out", "a.txt"],
        ["fit", "curve.csv", "--figure", "/nonexistent/a.png"],
        ["fit", "curve.csv", "--out", "a.txt"],
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_any_work(arguments):
    with pytest.raises(InputError, match=r"option (out|figure): "):
        main(arguments)
