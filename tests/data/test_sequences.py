"""Sequences: those that are generated have the answer in them, those of a folder are read whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromgd.data import TASKS
from neuromgd.data.task import Source
from neuromgd.errors import InputError


def test_the_parity_is_that_of_the_cue_and_no_line_tells_it():
    data = TASKS["delayed_parity"].load(Source(numbers={"bits": 3, "length": 12}))
    x = data.train_x[..., 0]
    assert x.shape == (2000, 12)
    np.testing.assert_array_equal(data.train_y, (np.prod(x[:, :3], axis=1) < 0))
    wide = np.c_[x, np.ones(len(x))]
    best = np.linalg.lstsq(wide, 2.0 * data.train_y - 1)[0]
    assert ((wide @ best > 0) == data.train_y).mean() < 0.6
    with pytest.raises(InputError, match="length = 3"):
        TASKS["delayed_parity"].load(Source(numbers={"bits": 4, "length": 3}))


def test_the_sum_is_that_of_one_number_in_each_half():
    data = TASKS["adding"].load(Source(numbers={"length": 7}))
    numbers, marks = np.moveaxis(data.test_x, -1, 0)
    assert (marks[:, :3].sum(1) == 1).all()
    assert (marks[:, 3:].sum(1) == 1).all()
    np.testing.assert_allclose(data.test_y, (numbers * marks).sum(1) - 1, atol=1e-6)


def folder(path, train, test=None, ending=".tsv"):
    (path / f"Mine_TRAIN{ending}").write_text(train, encoding="utf-8")
    (path / f"Mine_TEST{ending}").write_text(test or train, encoding="utf-8")
    return TASKS["sequences"].load(Source(data_dir=path))


@pytest.mark.parametrize(
    ("text", "labels", "classes"),
    [
        ("-1\t0.5\t1e-1\n1\t2\t3\n", [0, 1], 2),
        ("  3.0000000e+00   0.5   0.1\n  1.0000000e+00   2  3\n", [1, 0], 2),
        ("10,0.5,0.1\n\n9,2,3\n", [1, 0], 2),
        ("walk;0.5;0.1\nrun;2;3\n", [1, 0], 2),
        ("0.25\t0.5\t0.1\n1.5\t2\t3\n", [0.25, 1.5], None),
    ],
)
def test_a_folder_is_read_in_every_form_that_it_may_have(text, labels, classes, tmp_path):
    data = folder(tmp_path, text, ending=".txt")
    np.testing.assert_array_equal(data.train_y, labels)
    assert (data.classes, data.outputs) == (classes, classes or 1)
    np.testing.assert_allclose(data.test_x[..., 0], [[0.5, 0.1], [2, 3]], rtol=1e-6)


@given(
    rows=st.lists(
        st.tuples(
            st.integers(-5, 5),
            st.lists(st.floats(-1e6, 1e6, width=32), min_size=4, max_size=4),
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_what_is_read(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("ucr")
    text = "".join(f"{label}\t" + "\t".join(map(repr, values)) + "\n" for label, values in rows)
    data = folder(path, text)
    known = sorted({label for label, _ in rows})
    np.testing.assert_array_equal(data.train_y, [known.index(label) for label, _ in rows])
    np.testing.assert_array_equal(
        data.train_x[..., 0], np.asarray([values for _, values in rows], np.float32)
    )


@pytest.mark.parametrize(
    ("train", "test", "complaint"),
    [
        ("1\t2\t3\n0\t2\n", None, "line 2: 1 values, expected 2"),
        ("1\t2\tx\n", None, "line 1: could not convert"),
        ("1\t2\tNaN\n", None, "sample 0 has an input that is not a finite number"),
        ("\n", None, "is empty"),
        ("1\n", None, "line 1: 0 values"),
        ("1\t2\n", "1\t2\t3\n", "training sequences have 1 times, test sequences 2"),
    ],
)
def test_what_cannot_be_read_is_named(train, test, complaint, tmp_path):
    with pytest.raises(InputError, match=complaint) as refused:
        folder(tmp_path, train, test)
    assert "\n" not in str(refused.value)


def test_a_folder_without_files_says_what_it_should_hold(tmp_path):
    with pytest.raises(InputError, match=r"NAME_TRAIN .*found none"):
        TASKS["sequences"].load(Source(data_dir=tmp_path))
    with pytest.raises(InputError, match="--data-dir FOLDER"):
        TASKS["sequences"].load(Source())
