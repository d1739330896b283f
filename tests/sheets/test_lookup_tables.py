"""Lookup tables: read as written, refused by name, and with the moments they were rebuilt from."""

import numpy as np
import pytest

from neuromgd.errors import InputError
from neuromgd.sheets import device, lookup

# Mean step at g = 0.1, 0.25, 0.5, 0.75, 0.9 of the range, up and down, and σ of a step over its
# mean in the middle: moments of Sandia's tables (cross-sim-data, lookup_tables).
PUBLISHED = {
    "ecram_enode_lut": (
        (0.0102, 0.0099, 0.0080, 0.0045, 0.0021),
        (0.0017, 0.0032, 0.0044, 0.0049, 0.0042),
        (0.18, 0.20),
    ),
    "dwmtj_stt300_lut": (
        (0.036, 0.035, 0.037, 0.036, 0.037),
        (0.035, 0.037, 0.037, 0.036, 0.036),
        (0.13, 0.14),
    ),
    "dwmtj_sot300_lut": (
        (0.058, 0.045, 0.049, 0.044, 0.052),
        (0.053, 0.045, 0.044, 0.040, 0.048),
        (0.43, 0.51),
    ),
}
PLACES = np.array([0.1, 0.25, 0.5, 0.75, 0.9])


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("side", [0, 1])
def test_tables_have_their_published_moments(name, side):
    table = device.load(name).tables[0][side]
    low, high = table.conductance[[0, -1]]
    mean = np.interp(low + PLACES * (high - low), table.conductance, lookup.mean_change(table))
    sign = 1 - 2 * side
    assert sign * mean / (high - low) == pytest.approx(PUBLISHED[name][side], abs=2e-4)

    draws = np.interp(np.random.default_rng(side).random(400_000), table.cdf, table.change[:, 10])
    ratio = PUBLISHED[name][2][side]
    assert draws.std() / abs(draws.mean()) == pytest.approx(ratio, rel=0.02)


@pytest.mark.parametrize("name", PUBLISHED)
def test_rebuilt_tables_say_so(name):
    sheet = device.load(name)
    assert sheet.sheet.tables.basis == "derived"
    for files in (sheet.sheet.tables.up, sheet.sheet.tables.down):
        for file in files:
            first = (sheet.path.parent / file).read_text().splitlines()[0]
            assert first.startswith("Reconstructed from published moments")


def test_a_table_is_read_as_it_was_written(tmp_path):
    table = lookup.Response(np.linspace(1, 2, 4), np.array([0.1, 0.5, 0.9]), np.eye(3, 4))
    lookup.write(tmp_path / "t.txt", table)
    read = lookup.read(tmp_path / "t.txt")
    for one, other in zip(read, table, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("header\n1,2,3\n0,1\n1,2,3\n", "expected a header"),
        ("header\n1,2,3\n0,1\n1,2,3\n1,2\n", "expected a header"),
        ("header\n1,2\n0,1\n1,2\n1,2\n3,4\n", "3 rows of ΔG for 2 CDF points"),
        ("header\n2,1\n0,1\n1,2\n1,2\n", "G bins must rise"),
        ("header\n1,2\n0,nan\n1,2\n1,2\n", "CDF points must rise"),
        ("header\n1,2\n0,1.5\n1,2\n1,2\n", "must lie in 0 to 1"),
        ("header\n1,2\n0,1\n1,x\n1,2\n", "cannot be read"),
        ("", "expected a header"),
    ],
)
def test_what_is_no_table_is_refused_with_its_file(tmp_path, text, reason):
    path = tmp_path / "table.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=reason) as refused:
        lookup.read(path)
    assert str(path) in str(refused.value)
