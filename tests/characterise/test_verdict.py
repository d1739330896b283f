"""Curves that no law describes are told, with the place; sheets are written only if they hold."""

import numpy as np
import pytest

from neuromgd.cli.devices import main
from neuromgd.errors import InputError
from neuromgd.sheets import device
from tests.characterise.cells import PULSES, noisy, soft

N = np.arange(101)


def curves():
    """Pulse number and conductance of cells that no law here describes."""
    rng = np.random.default_rng(0)
    both = np.concatenate([N, 100 - N[1:]])
    up = 20 + 50 * np.sin(N / 100 * np.pi * 0.8)
    down = up[-1] - (up[-1] - 12) * (1 - np.exp(-N[1:] / 30))
    found = {"not monotone": (both, up, down)}
    up, down = np.where(N < 37, 6 + 0.02 * N, 72 + 0.02 * N), 74 - 68 * (N[1:] / 100) ** 0.6
    found["abrupt"] = (both, up, down)
    up, down = 8 + 60 / (1 + np.exp(-(N - 50) / 8)), 8 + 60 / (1 + np.exp((N[1:] - 40) / 10))
    found["sigmoid"] = (both, up, down)
    signed = np.tile(np.repeat([1, -1], PULSES), 2)
    worn = soft(signed)
    worn[101:] = 15 + 0.35 * (worn[101:] - 5)
    found["fatigue"] = (np.concatenate([[0], np.cumsum(signed)]), worn[:101], worn[101:])
    return {
        name: (number, np.concatenate(sides) + 0.3 * rng.standard_normal(len(number)))
        for name, (number, *sides) in found.items()
    }


CURVES = curves()


def table(path, number, g):
    path.write_text(
        "pulse,G [uS]\n" + "".join(f"{n},{v:.5f}\n" for n, v in zip(number, g, strict=True))
    )
    return path


# A search over all laws takes seconds.
SOME = [
    pytest.param(name, marks=pytest.mark.slow if name in ("not monotone", "fatigue") else ())
    for name in CURVES
]


@pytest.mark.parametrize("name", SOME)
def test_what_no_law_describes_is_refused_with_the_place_and_the_way_out(name, tmp_path):
    path, out = table(tmp_path / "cell.csv", *CURVES[name]), tmp_path / "cell.toml"
    with pytest.raises(
        InputError, match=r"off by .* of the range\) at line \d+.*--law lookup"
    ) as told:
        main(["fit", str(path), "--out", str(out)])
    assert "\n" not in str(told.value)
    assert not out.exists()


@pytest.mark.parametrize("name", ["sigmoid", "abrupt"])
def test_tables_of_the_steps_are_written_instead(name, tmp_path, capsys):
    path, out = table(tmp_path / "cell.csv", *CURVES[name]), tmp_path / "cell.toml"
    main(["fit", str(path), "--out", str(out), "--law", "lookup"])
    assert "their mean curve is off by up to" in capsys.readouterr().out
    assert device.check(out) == []
    assert device.load(str(out)).cell().law == "lookup"
    assert {p.name for p in tmp_path.glob("*.txt")} == {"cell_up.txt", "cell_down.txt"}


def test_tables_of_a_clean_curve_follow_it(tmp_path, capsys):
    path, out = table(tmp_path / "cell.csv", np.arange(101), soft()), tmp_path / "cell.toml"
    main(["fit", str(path), "--out", str(out), "--law", "lookup"])
    ((up, down),) = device.load(str(out)).tables
    for response, sign in ((up, 1), (down, -1)):
        weight = -1 + (response.conductance - 5) / 20
        expected = 20 * 0.043465 * (sign - 0.5 * weight)
        middle = slice(1, -1)
        np.testing.assert_allclose(response.change.mean(0)[middle], expected[middle], rtol=0.06)


@pytest.mark.slow
def test_a_law_that_is_asked_for_is_written_with_its_error(tmp_path, capsys):
    path, out = table(tmp_path / "cell.csv", *CURVES["not monotone"]), tmp_path / "cell.toml"
    main(["fit", str(path), "--out", str(out), "--law", "exponential"])
    assert "what is left is more than noise: off by" in capsys.readouterr().out
    assert device.check(out) == []
    assert any("the law is off by" in line for line in device.load(str(out)).sheet.not_modelled)


@pytest.mark.parametrize("kind", ["noise", "walk"])
def test_a_curve_without_a_law_is_no_success(kind, tmp_path):
    g = 20 + np.random.default_rng(0).standard_normal(101)
    g = np.cumsum(g - 20) + 60 if kind == "walk" else g
    number = np.concatenate([np.arange(51), np.arange(49, -1, -1)])
    with pytest.raises(InputError, match="no law"):
        main(["fit", str(table(tmp_path / "a.csv", number, g)), "--out", str(tmp_path / "a.toml")])
    assert not (tmp_path / "a.toml").exists()


def test_a_sheet_that_cannot_be_written_is_refused(tmp_path):
    path = table(tmp_path / "cell.csv", np.arange(101), noisy())
    with pytest.raises(InputError, match="option out: there is no folder"):
        main(["fit", str(path), "--out", str(tmp_path / "none" / "cell.toml")])


@pytest.mark.slow
def test_several_devices_become_one_sheet_with_their_spread(tmp_path, capsys):
    rows = zip(range(101), noisy(), 1.1 * noisy(seed=1), 0.95 * noisy(seed=2), strict=True)
    text = "pulse,A [uS],B [uS],C [uS]\n"
    path, out = tmp_path / "cells.csv", tmp_path / "cells.toml"
    path.write_text(text + "".join(",".join(map(str, row)) + "\n" for row in rows))
    main(["fit", str(path), "--out", str(out)])
    assert "between 3 devices" in capsys.readouterr().out
    assert device.check(out) == []
    given = device.load(str(out)).sheet.quantities
    assert given["update_step_spread"].value == pytest.approx(
        np.std([1, 1.1, 0.95], ddof=1), rel=0.1
    )


def test_the_data_are_drawn_under_the_fit(tmp_path, capsys):
    path, out = table(tmp_path / "cell.csv", np.arange(101), noisy()), tmp_path / "cell.toml"
    figure = tmp_path / "fit.png"
    main(["fit", str(path), "--out", str(out), "--figure", str(figure)])
    assert figure.stat().st_size > 10_000
    assert str(figure) in capsys.readouterr().out
    with pytest.raises(InputError, match="option figure: there is no folder"):
        main(["fit", str(path), "--out", str(out), "--figure", str(tmp_path / "none/fit.png")])
