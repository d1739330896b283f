"""Figures in the folder of a run go through no link, and are there whole or not at all."""

import pytest
from matplotlib.figure import Figure

from neuromgd.plots.save import save


def test_a_link_is_replaced_and_what_it_names_is_left_alone(tmp_path):
    mine = tmp_path / "mine.png"
    mine.write_bytes(b"mine")
    path = tmp_path / "figure.png"
    path.symlink_to(mine)
    save(Figure(), path)
    assert mine.read_bytes() == b"mine"
    assert not path.is_symlink()
    assert path.read_bytes().startswith(b"\x89PNG")


def test_the_ending_names_the_format(tmp_path):
    save(Figure(), tmp_path / "figure.svg")
    assert b"<svg" in (tmp_path / "figure.svg").read_bytes()


def test_what_was_there_stays_where_nothing_can_be_drawn(tmp_path):
    path = tmp_path / "figure.nothing"
    path.write_bytes(b"before")
    with pytest.raises(ValueError, match="not supported"):
        save(Figure(), path)
    assert path.read_bytes() == b"before"
    assert sorted(tmp_path.iterdir()) == [path]
