"""Options that a run writes are what it wrote, or refused."""

import pytest

from neuromgd.errors import InputError
from neuromgd.options.read import from_file
from neuromgd.sheets import library
from neuromgd.stamp import FORMAT, refuse_changed, write_stamped


@pytest.fixture
def written(tmp_path):
    write_stamped(tmp_path / "config.toml", 'task = "parity"\nseed = 3\n')
    return tmp_path / "config.toml"


def test_what_was_written_is_taken_and_any_changed_bit_refused(written):
    refuse_changed(written)
    assert from_file(written).seed == 3
    content = written.read_bytes()
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        written.write_bytes(changed)
        with pytest.raises(InputError) as refused:
            refuse_changed(written)
        assert "\n" not in str(refused.value)


def test_an_older_file_is_refused_with_advice_and_may_be_a_configuration(written):
    written.write_bytes(written.read_bytes().partition(b"\n")[2])
    with pytest.raises(InputError, match=r"older version; .* a new one can be made of the same"):
        refuse_changed(written)
    assert from_file(written).seed == 3


def test_a_file_of_a_later_version_is_refused_with_advice(written):
    later = f"format {FORMAT + 1},".encode()
    written.write_bytes(written.read_bytes().replace(f"format {FORMAT},".encode(), later))
    for read in (refuse_changed, from_file):
        with pytest.raises(InputError, match=r"later version .* use that version"):
            read(written)


@pytest.mark.parametrize("kind", ["devices", "platforms"])
def test_sheets_carry_a_format_and_a_later_one_is_refused(kind, tmp_path):
    for name in library.names(kind):
        assert library.sheet(library.locate(kind, name)).get("format", 1) == library.FORMAT
    text = library.locate(kind, library.names(kind)[0]).read_text()
    (tmp_path / "later.toml").write_text(
        f"format = {library.FORMAT + 1}\n" + text.split("\n", 2)[2]
    )
    with pytest.raises(InputError, match=r"later version .* use that version"):
        library.sheet(tmp_path / "later.toml")
