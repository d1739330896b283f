"""The tasks: every registered one loads as promised, and each has the numbers of its source."""

import os
import re
import subprocess
import sys
import typing
from hashlib import sha256

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromgd.bus.costs import COSTS
from neuromgd.cli.train import read
from neuromgd.data import TASKS, friedman1, yinyang
from neuromgd.data.dataset import Dataset, checked
from neuromgd.data.images import ImageSet
from neuromgd.data.metrics import METRICS
from neuromgd.data.task import Source
from neuromgd.errors import InputError
from neuromgd.network.mlp import INITIAL_WEIGHTS
from neuromgd.network.neurons import ACTIVATIONS
from neuromgd.numbers import TASK_NUMBERS
from neuromgd.options.config import Config
from neuromgd.options.read import checked as checked_options
from tests.statistics import assert_mean, assert_rate, assert_uniform_counts, assert_variance

# Tasks that need files or the net: those that are loaded from a published set of images.
PUBLISHED = {
    name
    for name, task in TASKS.items()
    if any(isinstance(part, ImageSet) for part in getattr(task.load, "args", ()))
}
OFFLINE = sorted(TASKS.keys() - PUBLISHED - {"sequences"})
offline = pytest.mark.parametrize("name", OFFLINE)


@pytest.fixture(scope="module")
def loaded():
    return {name: TASKS[name].load(Source()) for name in OFFLINE}


def test_the_list_of_tasks_costs_no_heavy_import():
    heavy = {"jax", "flax", "datasets", "huggingface_hub", "sklearn", "pyarrow", "PIL"}
    program = f"import sys, neuromgd.data; print(*sorted({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.split()) == (0, []), ran.stderr


def test_the_published_sets_are_told_from_the_others():
    published = {"mnist", "fashion_mnist", "cifar10"}
    assert published == PUBLISHED


@offline
def test_a_chip_can_learn_from_every_task(name, loaded):
    data = loaded[name]
    assert data.name == name
    assert checked(data) is data
    for x, y in ((data.train_x, data.train_y), (data.test_x, data.test_y)):
        assert x.dtype in (np.uint8, np.float32)
        assert x.min() * data.scale >= (-1 if name == "delayed_parity" else 0)
        assert 0.9 < x.max() * data.scale < 1.01
        if data.targets == "classes":
            assert y.dtype == np.int32
            assert set(np.unique(y)) == set(range(data.classes))
            assert (data.outputs, data.classes) == (1, 2) or data.outputs == data.classes
        else:
            assert y.dtype == np.float32
            assert y.std(axis=0).min() > 0.1
            assert np.abs(y).max() < 2, "targets are of the size of outputs"


@offline
def test_a_task_is_measured_by_what_its_targets_are(name, loaded):
    task, data = TASKS[name], loaded[name]
    metric = METRICS[task.metric]
    assert metric.targets == data.targets
    chance = metric.chance(data.test_y)
    assert np.isfinite(chance)
    assert task.solved is None or metric.is_beyond(np.asarray([task.solved]), chance)


def test_numbers_of_tasks_reach_the_task_and_no_other():
    own = typing.get_type_hints(Config).keys() - TASK_NUMBERS.keys()
    assert own == set(Config.__annotations__), "a number has the name of another option"
    for name, number in TASK_NUMBERS.items():
        assert set(number.of) <= TASKS.keys()
        assert msgspec.convert(number.default, number.kind) == number.default
        for task in TASKS:
            given = Config(task=task, **{name: number.default})
            if task in number.of:
                assert checked_options(given) == given
            else:
                with pytest.raises(InputError, match=f"option {name} = .* no effect without task"):
                    checked_options(given)


def test_help_lists_every_task_metric_and_number(capsys):
    with pytest.raises(SystemExit):
        read(["--help"])
    words = set(re.findall(r"\w+", capsys.readouterr().out))
    assert words >= {*TASKS, *METRICS, *TASK_NUMBERS}


@offline
def test_a_task_is_the_same_every_time(name, loaded):
    again = TASKS[name].load(Source())
    for part in ("train_x", "train_y", "test_x", "test_y"):
        np.testing.assert_array_equal(getattr(again, part), getattr(loaded[name], part))


@pytest.mark.parametrize("name", TASKS)
def test_the_defaults_of_a_task_exist(name):
    task = TASKS[name]
    assert task.activation in ACTIVATIONS
    assert task.output_activation in ACTIVATIONS
    assert task.initial_weights in INITIAL_WEIGHTS
    assert task.cost in COSTS
    assert task.metric in METRICS
    assert hash(task) == hash(TASKS[name])
    assert min(*task.hidden, task.batch, task.windows) >= 1
    assert task.rate > 0 < task.amplitude


def test_digits_are_split_four_to_one_without_overlap(loaded):
    from sklearn.datasets import load_digits

    data = loaded["digits"]
    assert (data.train_x.shape, data.test_x.shape) == ((1442, 8, 8), (355, 8, 8))
    of_class = np.bincount(load_digits().target)
    np.testing.assert_array_equal(np.bincount(data.test_y), of_class // 5)
    # Together they are the published set, so no image is in both or in neither.
    pixels = np.concatenate([data.train_x, data.test_x]).reshape(-1, 64)
    rows = np.c_[pixels, np.concatenate([data.train_y, data.test_y])]
    published = np.c_[load_digits().data, load_digits().target].astype(np.uint8)
    np.testing.assert_array_equal(np.unique(rows, axis=0), np.unique(published, axis=0))
    assert len(np.unique(published, axis=0)) == len(rows) == 1797


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_parity_is_its_truth_table(bits):
    data = TASKS["parity"].load(Source(numbers={"bits": bits}))
    table = {tuple(x): y for x, y in zip(data.train_x.tolist(), data.train_y.tolist(), strict=True)}
    assert table == {
        tuple(int(bit) for bit in f"{n:0{bits}b}"): f"{n:b}".count("1") % 2 for n in range(2**bits)
    }
    assert data.outputs == 1


def test_two_bit_parity_is_exclusive_or():
    data = TASKS["parity"].load(Source())
    assert {(a, b): y for (a, b), y in zip(data.train_x.tolist(), data.train_y, strict=True)} == {
        (0, 0): 0,
        (0, 1): 1,
        (1, 0): 1,
        (1, 1): 0,
    }


def test_nist7x7_has_the_size_and_the_difficulty_of_the_paper(loaded):
    # McCaughan et al., APL Mach. Learn. 1, 026118 (2023): 44,136 images; linear classifiers: 93 %.
    data = loaded["nist7x7"]
    assert data.train_x.shape == (44_136, 7, 7)
    np.testing.assert_array_equal(np.bincount(data.train_y), 44_136 // 4)
    x = np.c_[data.train_x.reshape(-1, 49), np.ones(44_136)].astype(float)
    wanted = np.eye(4)[data.train_y]
    weights = np.linalg.solve(x.T @ x, x.T @ wanted)
    accuracy = ((x @ weights).argmax(1) == data.train_y).mean()
    assert round(100 * accuracy, 2) == 93.01


def test_nist7x7_images_are_a_letter_with_up_to_two_flips(loaded):
    data = loaded["nist7x7"]
    clean = data.train_x.reshape(4, 9, -1, 49)[:, :, :1]
    distance = (data.train_x.reshape(4, 9, -1, 49) != clean).sum(-1)
    np.testing.assert_array_equal(np.bincount(distance.ravel()), 36 * np.array([1, 49, 1176]))
    places = clean.reshape(36, 49)
    assert len(np.unique(places, axis=0)) == 36


def test_yinyang_points_are_its_authors_points(loaded):
    # Of their generator (github.com/lkriener/yin_yang_data_set, dataset.py), run with NumPy 2.4.
    data = loaded["yinyang"]
    parts = [(data.train_x, data.train_y), (data.test_x, data.test_y)]
    assert [sha256(x.tobytes() + y.tobytes()).hexdigest() for x, y in parts] == [
        "554206690811773b5206fddc711e2f2203899b7ea4c8cd895a97165e6d3bc4a7",
        "323282ae9db43b23b49127dc154f42b1eaab0c66abd5d16e9a99e228115290d9",
    ]
    assert np.bincount(data.train_y).tolist() == [1681, 1702, 1617]


def test_yinyang_inputs_lie_in_the_disc_and_mirrored_ones_complete_them(loaded):
    x = loaded["yinyang"].train_x
    assert x.shape == (5000, 4)
    np.testing.assert_allclose(x[:, :2] + x[:, 2:], 1, atol=1e-6)
    assert (np.hypot(*(x[:, :2].T - 0.5)) <= 0.5 + 1e-6).all()


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((0.25, 0.5), 2),  # the eyes: two dots of radius 0.1
        ((0.75, 0.5), 2),
        ((0.75, 0.59), 2),
        ((0.75, 0.61), 0),
        ((0.25, 0.39), 1),  # around the left eye it is yin, around the right one yang
        ((0.75, 0.39), 0),
        ((0.25, 0.61), 1),
        ((0.5, 0.9), 1),  # above the middle yin, below it yang
        ((0.5, 0.1), 0),
        ((0.9, 0.9), None),
    ],
)
def test_yinyang_has_the_geometry_of_the_symbol(point, expected):
    assert yinyang.part(*point) == expected


@given(st.floats(0, 0.49), st.floats(0, 2 * np.pi))
def test_turning_the_symbol_by_half_swaps_yin_and_yang(radius, angle):
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    here, there = yinyang.part(0.5 + x, 0.5 + y), yinyang.part(0.5 - x, 0.5 - y)
    edges = [np.hypot(x - eye, y) for eye in (-0.25, 0.25)]
    on_an_edge = min(abs(y), *(abs(e - r) for e in edges for r in (0.1, 0.25))) < 1e-9
    assert on_an_edge or there == [1, 0, 2][here]


def test_yinyang_points_fill_their_parts_evenly(loaded):
    # The classes are drawn alike, and each eye holds half of the dots: they are of one size.
    data = loaded["yinyang"]
    assert_uniform_counts(np.bincount(data.train_y))
    dots = data.train_x[data.train_y == 2]
    assert_rate((dots[:, 0] > 0.5).sum(), len(dots), 0.5)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        # 10 sin(π x₁x₂), 20 (x₃ − ½)², 10 x₄ and 5 x₅, one after the other; nothing of the others.
        ([1, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0], 10),
        ([1, 1 / 6, 0.5, 0, 0, 1, 1, 1, 1, 1], 5),
        ([0, 1, 0, 0, 0, 0, 0, 0, 0, 0], 5),
        ([0, 1, 0.75, 0, 0, 0, 0, 0, 0, 0], 1.25),
        ([0, 1, 0.5, 0.3, 0, 0, 0, 0, 0, 0], 3),
        ([0, 1, 0.5, 0, 0.4, 0, 0, 0, 0, 0], 2),
    ],
)
def test_friedman1_is_its_formula(x, expected):
    assert friedman1.function(np.asarray([x], float))[0] == pytest.approx(expected)


def test_friedman1_is_the_function_and_noise_of_variance_one(loaded):
    data = loaded["friedman1"]
    for x, y in ((data.train_x, data.train_y), (data.test_x, data.test_y)):
        noise = 15 * (y.astype(float) + 1) - friedman1.function(x.astype(float))
        assert_mean(noise, 0, 1, sees=0.26)
        assert_variance(noise, 1)
    assert not (data.train_x[:1000] == data.test_x).any()


def test_friedman1_is_solved_by_what_no_linear_answer_reaches(loaded):
    data = loaded["friedman1"]
    train_x, test_x = (np.c_[x, np.ones(len(x))] for x in (data.train_x, data.test_x))
    linear = np.linalg.lstsq(train_x, data.train_y, rcond=None)[0]
    error = np.sqrt(np.mean((test_x @ linear - data.test_y) ** 2))
    assert round(error, 3) == TASKS["friedman1"].solved


def broken(**changed):
    """A data set of four samples, with something changed."""
    x, y = np.zeros((4, 3), np.float32), np.array([0, 1, 0, 1], np.int32)
    parts = {"train_x": x, "train_y": y, "test_x": x, "test_y": y} | changed
    return Dataset("pair", **parts, scale=1.0, classes=2, outputs=2)


NOT_A_NUMBER = np.array([[0, 0, 0], [0, 0, 0], [0, np.nan, 0], [0, 0, 0]], np.float32)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"train_x": np.zeros((0, 3)), "train_y": np.zeros(0, np.int32)}, "training set is empty"),
        ({"test_y": np.zeros(3, np.int32)}, "test set: 4 inputs but 3 labels"),
        ({"test_x": np.zeros((4, 2))}, r"test set: inputs of shape \(2,\), expected \(3,\)"),
        ({"train_x": NOT_A_NUMBER}, "training set: sample 2 has an input that is not a finite"),
        ({"test_x": np.full((4, 3), np.inf)}, "test set: sample 0 has an input that is not a"),
        ({"train_x": np.full((4, 3), "one")}, "training set: inputs of <U3, expected numbers"),
        (
            {"train_y": np.array([0, np.nan, 1, 0])},
            r"training set: labels of float64 \(4,\), expec",
        ),
        (
            {"test_y": np.zeros((4, 1), int)},
            r"test set: labels of int64 \(4, 1\), expected one int",
        ),
        ({"test_y": np.array([0, 1, 2, 0])}, "test set: classes 0 to 2, expected 0 to 1"),
        ({"train_y": np.array([0, -1, 0, 0])}, "training set: classes -1 to 0, expected 0 to 1"),
    ],
)
def test_what_no_chip_can_learn_from_is_refused_in_one_line(changed, line):
    assert checked(broken()).inputs == (3,)
    with pytest.raises(InputError, match=f"^pair: {line}") as refused:
        checked(broken(**changed))
    assert "\n" not in str(refused.value)


def of_values(**changed):
    """A data set of four samples with two values each, with something changed."""
    x, y = np.zeros((4, 3), np.float32), np.zeros((4, 2), np.float32)
    parts = {"train_x": x, "train_y": y, "test_x": x, "test_y": y} | changed
    return Dataset("pair", **parts, scale=1.0, classes=None, outputs=2)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"train_y": np.zeros((4, 2), int)}, "training set: targets of int64, expected floating"),
        ({"train_y": np.zeros((4, 3))}, r"training set: targets of shape \(3,\), expected 2 val"),
        ({"test_y": np.zeros(4)}, r"test set: targets of shape \(\), expected 2 values each"),
        ({"test_y": np.full((4, 2), np.nan)}, "test set: sample 0 has a target that is not a fin"),
        ({"test_y": np.zeros((3, 2))}, "test set: 4 inputs but 3 labels"),
    ],
)
def test_values_that_are_no_targets_are_refused_in_one_line(changed, line):
    assert checked(of_values()).targets == "values"
    with pytest.raises(InputError, match=f"^pair: {line}"):
        checked(of_values(**changed))


@pytest.mark.parametrize("kind", [np.float64, np.float16])
def test_values_of_any_width_become_those_that_chips_take(kind):
    data = checked(of_values(train_y=np.full((4, 2), 0.5, kind)))
    assert data.train_y.dtype == data.test_y.dtype == np.float32
    assert (data.train_y == 0.5).all()


def test_a_sequence_has_a_class_at_every_position():
    x, y = np.zeros((4, 5, 3), np.float32), np.zeros((4, 5), np.int32)
    data = Dataset("steps", x, y, x, y, scale=1.0, classes=2, outputs=2)
    assert checked(data) is data
    with pytest.raises(InputError, match=r"test set: labels of int32 \(4, 4\)"):
        checked(Dataset("steps", x, y, x, y[:, :4], scale=1.0, classes=2, outputs=2))


@pytest.mark.skipif("NEUROMGD_DATA" not in os.environ, reason="needs mnist/ in NEUROMGD_DATA")
def test_mnist_is_what_its_authors_published():
    data = TASKS["mnist"].load(Source())
    assert data.train_x.shape == (60_000, 28, 28)
    assert data.test_x.shape == (10_000, 28, 28)
    assert data.train_y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(data.train_y).tolist() == counts
    # The mean and deviation of a training pixel that the field has used for decades.
    assert data.train_x.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert data.train_x.std() / 255 == pytest.approx(0.3081, abs=5e-5)
