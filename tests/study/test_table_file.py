"""A table that was damaged is refused, or holds what was written."""

import random

import pytest

from neuromgd.errors import InputError
from neuromgd.study.table_file import read_rows, write_rows
from tests.campaign.damage import KINDS, damage

ROWS = [{"chip": n, "cost": 0.1 * n, "reason": None if n % 2 else "the cost"} for n in range(4)]


def test_a_table_is_read_as_it_was_written(tmp_path):
    write_rows(tmp_path / "t.parquet", ROWS)
    assert read_rows(tmp_path / "t.parquet") == ROWS
    (tmp_path / "link.parquet").symlink_to(tmp_path / "t.parquet")
    with pytest.raises(InputError, match="no such file"):
        read_rows(tmp_path / "link.parquet")


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_noticed_or_harmless(tmp_path, kind):
    draw, path, noticed = random.Random(4), tmp_path / "t.parquet", 0
    for _ in range(25):
        write_rows(path, ROWS)
        damage(path, kind, draw)
        try:
            found = read_rows(path)
        except InputError:
            noticed += 1
        else:
            assert found == ROWS
    assert noticed > 5
