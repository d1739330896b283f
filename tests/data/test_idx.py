"""IDX files: what was written is read, and a damaged file is told in one line."""

import gzip
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from neuromgd.data.idx import read_idx
from neuromgd.errors import InputError

ARRAYS = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=4, max_side=5))


def idx(values):
    """Bytes of an IDX file, as yann.lecun.com/exdb/mnist describes them."""
    header = [0, 0, 8, values.ndim]
    return bytes(header) + b"".join(n.to_bytes(4) for n in values.shape) + values.tobytes()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("idx") / "train-images-idx3-ubyte"


def array_or_refusal(file, content):
    """What a file of that content is read as; None if it is refused, in one line with its name."""
    file.write_bytes(content)
    try:
        return read_idx(file)
    except InputError as error:
        line = str(error)
    assert line.startswith(f"{file}: ")
    assert "\n" not in line
    return None


@given(values=ARRAYS, packed=st.booleans())
def test_what_was_written_is_read(file, values, packed):
    content = gzip.compress(idx(values)) if packed else idx(values)
    np.testing.assert_array_equal(array_or_refusal(file, content), values)


@given(values=ARRAYS, packed=st.booleans(), data=st.data())
def test_a_cut_file_is_refused(file, values, packed, data):
    content = gzip.compress(idx(values)) if packed else idx(values)
    kept = data.draw(st.integers(0, len(content) - 1))
    assert array_or_refusal(file, content[:kept]) is None


@given(values=ARRAYS, extra=st.binary(min_size=1, max_size=8))
def test_a_file_that_is_too_long_is_refused(file, values, extra):
    assert array_or_refusal(file, idx(values) + extra) is None


@given(values=ARRAYS, data=st.data())
def test_a_changed_byte_is_refused_or_read_as_the_file_says(file, values, data):
    content = bytearray(idx(values))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))
    read = array_or_refusal(file, bytes(content))
    if read is not None:
        assert idx(read) == content


@given(values=ARRAYS, data=st.data())
def test_a_changed_byte_of_a_packed_file_is_refused_or_harmless(file, values, data):
    content = bytearray(gzip.compress(idx(values)))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))
    read = array_or_refusal(file, bytes(content))
    # Its check sum covers the data, but not the name and date in its header.
    assert read is None or idx(read) == idx(values)


@given(st.lists(st.sampled_from([0, 1, 2**16, 2**32 - 1]), max_size=255), st.binary(max_size=1))
def test_any_header_is_refused_or_read_as_it_says(file, shape, rest):
    header = bytes([0, 0, 8, len(shape)]) + b"".join(n.to_bytes(4) for n in shape)
    read = array_or_refusal(file, header + rest)
    if read is not None:
        assert read.shape == tuple(shape)
        assert math.prod(shape) == len(rest)


@given(st.binary(max_size=64))
def test_any_bytes_are_refused_or_read(file, content):
    array_or_refusal(file, content)


@pytest.mark.parametrize("kind", [0x09, 0x0B, 0x0C, 0x0D, 0x0E])
def test_other_types_than_bytes_are_refused(file, kind):
    content = bytearray(idx(np.zeros((2, 2), np.uint8)))
    content[2] = kind
    assert array_or_refusal(file, bytes(content)) is None


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match=r"no-such-file: cannot be read"):
        read_idx(tmp_path / "no-such-file")


def test_a_folder_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_idx(tmp_path)
