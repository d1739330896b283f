"""Published image sets: from files or the hub, and one line where neither way leads there."""

import gzip
import io
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from neuromgd.data.images import ImageSet, load
from neuromgd.data.parquet import read_parquet
from neuromgd.data.task import Source
from neuromgd.errors import InputError

TINY = ImageSet("tiny", "someone/tiny", "image", "label", shape=(4, 5), sizes=(6, 3))
COLOUR = TINY._replace(shape=(4, 5, 3))


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    monkeypatch.delenv("NEUROMGD_DATA", raising=False)


def contents(known=TINY, seed=0):
    """One random (images, labels) for each part."""
    generator = np.random.default_rng(seed)
    return {
        part: (
            generator.integers(0, 256, (size, *known.shape), np.uint8),
            generator.integers(0, 10, size, np.uint8),
        )
        for part, size in zip(("train", "test"), known.sizes, strict=True)
    }


def idx(values):
    header = bytes([0, 0, 8, values.ndim])
    return header + b"".join(n.to_bytes(4) for n in values.shape) + values.tobytes()


def write_idx(root, parts, packed=False):
    folder = root / "tiny"
    folder.mkdir()
    for name, part in (("train", "train"), ("t10k", "test")):
        for kind, values in zip(("images-idx3", "labels-idx1"), parts[part], strict=True):
            path = folder / f"{name}-{kind}-ubyte{'.gz' if packed else ''}"
            path.write_bytes(gzip.compress(idx(values)) if packed else idx(values))
    return root


def png(image):
    """A cell as the hub stores it: a file and where it came from."""
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, "PNG")
    return {"bytes": file.getvalue(), "path": None}


def write_parquet(path, images, labels):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [png(image) if not isinstance(image, dict | None) else image for image in images]
    pq.write_table(pa.table({"image": cells, "label": list(labels)}), path)


def write_tables(root, parts, folder="tiny/data"):
    for part, (images, labels) in parts.items():
        path = root / folder / f"{part}-00000-of-00001.parquet"
        write_parquet(path, images, np.asarray(labels).tolist())
    return root


def refused(*args):
    with pytest.raises(InputError) as error:
        load(*args)
    assert "\n" not in str(error.value)
    return str(error.value)


def assert_loaded(data, parts):
    for part, x, y in (("train", data.train_x, data.train_y), ("test", data.test_x, data.test_y)):
        np.testing.assert_array_equal(x, parts[part][0])
        np.testing.assert_array_equal(y, parts[part][1])
        assert (x.dtype, y.dtype) == (np.uint8, np.int32)
    assert (data.scale, data.classes, data.outputs) == (1 / 255, 10, 10)


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_of_idx_files(tmp_path, packed):
    root = write_idx(tmp_path, contents(), packed)
    assert_loaded(load(TINY, Source(data_dir=root)), contents())


@pytest.mark.parametrize("folder", ["tiny", "tiny/data", "tiny/default/0.0.0"])
@pytest.mark.parametrize("known", [TINY, COLOUR], ids=["grey", "colour"])
def test_a_folder_of_parquet_files(tmp_path, known, folder):
    root = write_tables(tmp_path, contents(known), folder)
    assert_loaded(load(known, Source(data_dir=root)), contents(known))


def test_a_folder_as_the_hub_converts_it(tmp_path):
    for part, (images, labels) in contents().items():
        path = tmp_path / "tiny" / "default" / part / "0000.parquet"
        write_parquet(path, images, labels.tolist())
    assert_loaded(load(TINY, Source(data_dir=tmp_path)), contents())


def test_parts_of_a_table_are_read_in_their_order(tmp_path):
    parts = contents()
    root = write_tables(tmp_path, {"test": parts["test"]})
    images, labels = parts["train"]
    for number, rows in enumerate((slice(0, 2), slice(2, 5), slice(5, 6))):
        path = root / f"tiny/data/train-{number:05}-of-00003.parquet"
        write_parquet(path, images[rows], labels[rows].tolist())
    assert_loaded(load(TINY, Source(data_dir=root)), parts)


def test_the_environment_names_the_folder_and_the_option_beats_it(tmp_path, monkeypatch):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for root, seed in ((ours, 1), (theirs, 2)):
        root.mkdir()
        write_idx(root, contents(seed=seed))
    monkeypatch.setenv("NEUROMGD_DATA", str(theirs))
    assert_loaded(load(TINY, Source()), contents(seed=2))
    assert_loaded(load(TINY, Source(data_dir=ours)), contents(seed=1))


def test_a_folder_without_the_set_is_refused_by_name(tmp_path):
    assert refused(TINY, Source(data_dir=tmp_path)).endswith(
        "has no folder 'tiny' with IDX or parquet files"
    )


def test_a_folder_without_files_says_which_it_wants(tmp_path):
    (tmp_path / "tiny").mkdir()
    line = refused(TINY, Source(data_dir=tmp_path))
    assert "train-images-idx3-ubyte[.gz]" in line
    assert "train*.parquet" in line


def test_a_damaged_idx_file_is_refused_by_name(tmp_path):
    path = write_idx(tmp_path, contents()) / "tiny" / "t10k-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    assert refused(TINY, Source(data_dir=tmp_path)).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("part", "images", "labels"),
    [
        ("train", np.zeros((5, 4, 5), np.uint8), np.zeros(5, np.uint8)),
        ("train", np.zeros((6, 5, 4), np.uint8), np.zeros(6, np.uint8)),
        ("test", np.zeros((3, 4, 5), np.uint8), np.zeros(2, np.uint8)),
    ],
    ids=["a sample too few", "transposed", "a label too few"],
)
def test_files_of_another_size_are_refused(tmp_path, part, images, labels):
    root = write_idx(tmp_path, contents() | {part: (images, labels)})
    line = refused(TINY, Source(data_dir=root))
    expected = f"{root / 'tiny'}: {part} set has images {images.shape} and labels {labels.shape}"
    assert line.startswith(expected)


def test_a_class_that_is_none_is_refused(tmp_path):
    parts = contents()
    parts["train"][1][2] = 10
    line = refused(TINY, Source(data_dir=write_idx(tmp_path, parts)))
    path = tmp_path / "tiny" / "train-labels-idx1-ubyte"
    assert line == f"{path}: label 10, expected 0 to 9"


@pytest.mark.parametrize(
    "labels",
    [
        [0, None, 1, 1, 1, 1],
        [0, float("nan"), 1, 1, 1, 1],
        [0, 1.5, 1, 1, 1, 1],
        [0, -1, 1, 1, 1, 1],
        [2**32] * 6,
        "a" * 6,
    ],
    ids=["none", "nan", "fraction", "negative", "beyond 32 bits", "text"],
)
def test_a_label_that_is_no_class_is_refused(tmp_path, labels):
    images, _ = contents()["train"]
    root = write_tables(tmp_path, {"test": contents()["test"]})
    path = root / "tiny/data/train-00000-of-00001.parquet"
    write_parquet(path, images, labels)
    row = 0 if labels[0] else 1
    # A column with one fraction is a column of fractions: then the first row is none already.
    rows = {f"{path}: row {n}: label " for n in (0, row)}
    assert refused(TINY, Source(data_dir=root)).startswith(tuple(rows))


def grey(kind):
    return Image.fromarray(np.full((4, 5), 200, np.uint8)).convert(kind)


NO_IMAGES = {
    "none": None,
    "empty": {"bytes": None, "path": None},
    "text": {"bytes": b"no image", "path": None},
    "cut": {"bytes": png(np.zeros((4, 5), np.uint8))["bytes"][:-20], "path": None},
    "cut early": {"bytes": png(np.zeros((40, 50), np.uint8))["bytes"][:60], "path": None},
    "turned": png(np.zeros((5, 4), np.uint8)),
    "colour": png(np.zeros((4, 5, 3), np.uint8)),
    "16 bit": png(np.full((4, 5), 1000, np.uint16)),
    "1 bit": png(grey("1")),
    "palette": png(grey("P")),
    "transparent": png(grey("LA")),
}


@pytest.mark.parametrize("cell", NO_IMAGES.values(), ids=NO_IMAGES)
def test_an_image_that_is_none_is_refused(tmp_path, cell):
    images, labels = contents()["train"]
    root = write_tables(tmp_path, {"test": contents()["test"]})
    path = root / "tiny/data/train-00000-of-00001.parquet"
    write_parquet(path, [*images[:5], cell], labels.tolist())
    assert refused(TINY, Source(data_dir=root)).startswith(f"{path}: image of row 5 ")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no table at all"])
def test_a_damaged_table_is_refused_by_name(tmp_path, content):
    path = write_tables(tmp_path, contents()) / "tiny/data/test-00000-of-00001.parquet"
    path.write_bytes(content)
    assert refused(TINY, Source(data_dir=tmp_path)).startswith(f"{path}: cannot be read")


def test_a_table_of_other_columns_is_refused_by_name(tmp_path):
    path = write_tables(tmp_path, contents()) / "tiny/data/test-00000-of-00001.parquet"
    pq.write_table(pa.table({"image": [1], "number": [2]}), path)
    line = refused(TINY, Source(data_dir=tmp_path))
    assert line == f"{path}: has no column 'label', expected 'image' and 'label'"


@pytest.fixture
def hub(monkeypatch):
    """Stands in for the hub: set its ``answer`` to a function of the repository."""
    import datasets
    from huggingface_hub import constants

    class Hub:
        answer = None

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)  # so that nobody asks whether it answers
    monkeypatch.setattr(datasets, "load_dataset", lambda name: Hub.answer(name))
    return Hub


def in_memory(parts):
    """The parts as ``datasets`` holds them."""
    import datasets

    features = datasets.Features(
        {"image": datasets.Image(), "label": datasets.ClassLabel(num_classes=10)}
    )
    return datasets.DatasetDict(
        {
            part: datasets.Dataset.from_dict(
                {"image": list(map(png, images)), "label": labels.tolist()}, features
            )
            for part, (images, labels) in parts.items()
        }
    )


def test_without_a_folder_the_hub_is_asked(hub):
    asked = []
    hub.answer = lambda name: asked.append(name) or in_memory(contents())
    assert_loaded(load(TINY, Source()), contents())
    assert asked == ["someone/tiny"]


def test_an_environment_folder_without_the_set_leaves_the_hub(hub, tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROMGD_DATA", str(tmp_path))
    hub.answer = lambda name: in_memory(contents())
    assert_loaded(load(TINY, Source()), contents())


def test_a_set_of_another_size_on_the_hub_is_refused(hub):
    hub.answer = lambda name: in_memory(contents() | {"test": contents()["train"]})
    assert refused(TINY, Source()).startswith("someone/tiny: test set has images (6, 4, 5)")


@pytest.mark.parametrize(
    "failure", [ConnectionError("no route\nto host"), FileNotFoundError("x"), ValueError("y")]
)
def test_where_neither_way_leads_to_the_data_one_line_names_both(hub, failure):
    def answer(name):
        raise failure

    hub.answer = answer
    line = refused(TINY, Source())
    for way in ("Hugging Face hub", "--data-dir", "NEUROMGD_DATA", "--task digits"):
        assert way in line


def test_a_line_about_the_hub_names_the_folder_that_was_looked_for(hub, tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROMGD_DATA", str(tmp_path))
    assert f"there is no folder {tmp_path / 'tiny'} and 'someone/tiny'" in refused(TINY, Source())


def test_a_set_without_a_test_part_on_the_hub_is_refused(hub):
    hub.answer = lambda name: in_memory({"train": contents()["train"]})
    assert refused(TINY, Source()) == "someone/tiny: what the hub sent cannot be used: 'test'"


def test_colour_on_the_hub_where_grey_is_expected_is_refused(hub):
    hub.answer = lambda name: in_memory(contents(COLOUR))
    assert "picture of 5×4 'RGB' pixels, expected 5×4 'L'" in refused(TINY, Source())


@pytest.mark.parametrize("packed", [False, True])
def test_a_checksum_tells_a_file_that_differs_in_one_bit(tmp_path, packed):
    name = "t10k-images-idx3-ubyte"
    parts = contents()
    known = TINY._replace(checksums={name: sha256(idx(parts["test"][0])).hexdigest()})
    root = write_idx(tmp_path, parts, packed)
    assert_loaded(load(known, Source(data_dir=root)), parts)

    path = root / "tiny" / (name + ".gz" if packed else name)
    parts["test"][0][0, 0, 0] ^= 1
    content = idx(parts["test"][0])
    path.write_bytes(gzip.compress(content) if packed else content)
    line = refused(known, Source(data_dir=root))
    assert line.startswith(f"{path}: not the published file: SHA-256 of its content")
    assert sha256(content).hexdigest() in line


@given(data=st.data())
def test_a_damaged_picture_is_refused_or_harmless(tmp_path_factory, data):
    picture = np.random.default_rng(0).integers(0, 256, (4, 5), np.uint8)
    content = bytearray(png(picture)["bytes"])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("damaged") / "train.parquet"
    write_parquet(path, [{"bytes": bytes(content), "path": None}], [0])
    try:
        x, _ = read_parquet(path, "image", "label", (4, 5), classes=10)
    except InputError as error:
        line = str(error)
    else:
        # Every chunk of a PNG has a checksum, but its decoder does not ask for all of them.
        assert x.shape == (1, 4, 5)
        return
    assert line.startswith(f"{path}: image of row 0 cannot be used: ")
    assert "\n" not in line
