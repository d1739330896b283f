"""A damaged file of a run folder is noticed, or it does not matter; never are numbers wrong."""

import json
import random
import shutil

import msgspec
import numpy as np
import pytest

from neuromgd.cli.train import resumed
from neuromgd.errors import DamageWarning, InputError
from neuromgd.options.config import Config
from neuromgd.study.checkpoint import Checkpoints
from neuromgd.study.chips_file import Piece, decode, encode, joined
from neuromgd.study.history import history
from neuromgd.study.open import open_run
from neuromgd.study.told import as_json, read_summary
from neuromgd.study.train import train
from tests.campaign.__main__ import SHORT, run, tell
from tests.campaign.damage import KINDS, damage, files, verdict
from tests.campaign.fuzz import fuzzed
from tests.campaign.share import Share

RUN = Config(task="parity", chips=2, windows=40, log_every=10)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A run with checkpoints after windows 20, 30 and 40."""
    out = tmp_path_factory.mktemp("runs") / "done"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "is_due", lambda self: True)
        return train(msgspec.structs.replace(RUN, out=str(out)))


@pytest.fixture
def copy(done, tmp_path):
    return shutil.copytree(done.folder, tmp_path / "copy")


def test_damage_to_any_file_of_a_finished_run_is_noticed_or_harmless(done, tmp_path):
    draw, counts = random.Random(1), {}
    for path in files(done.folder):
        for kind in KINDS:
            copy = tmp_path / f"{path.name}-{kind}"
            shutil.copytree(done.folder, copy)
            damage(copy / path, kind, draw)
            came = verdict(lambda copy=copy: open_run(copy), done)
            assert came in ("noticed", "harmless"), (path, kind)
            counts[came] = counts.get(came, 0) + 1
            shutil.rmtree(copy)
    assert counts["noticed"] >= 18


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_checkpoint_leaves_the_one_before(done, copy, kind):
    (copy / "summary.json").unlink()
    damage(copy / "checkpoints" / "40" / "part-00000.chips", kind, random.Random(kind))
    with pytest.warns(DamageWarning, match=r"40.*the one after window 30 is used"):
        again = train(resumed(copy, Config()), is_resumed=True)
    assert again.history == done.history


def test_where_all_checkpoints_are_damaged_each_is_named(copy):
    for window in (20, 30, 40):
        (copy / "checkpoints" / str(window) / "part-00000.chips").write_bytes(b"")
    with pytest.raises(InputError, match=r"40.*30.*20"):
        Checkpoints(copy).newest()


def test_a_checkpoint_under_the_name_of_another_is_noticed(copy):
    shutil.rmtree(copy / "checkpoints" / "40")
    (copy / "checkpoints" / "30").rename(copy / "checkpoints" / "40")
    with pytest.warns(DamageWarning, match=r"the checkpoint of window 30, not of 40"):
        assert Checkpoints(copy).newest() == 20


def test_a_history_that_lacks_rows_is_written_again(done, copy):
    (copy / "summary.json").unlink()
    (copy / "history.parquet").unlink()
    with pytest.warns(DamageWarning, match=r"written again from the checkpoint"):
        train(resumed(copy, Config()), is_resumed=True)
    assert history(copy, "accuracy") == done.history


def test_another_configuration_is_refused_and_told(copy):
    path = copy / "config.toml"
    text = path.read_text()
    path.write_text(
        text.replace("cost_noise = 0.001", "cost_noise = 0.002").replace("\nseed = 0", "\nseed = 1")
    )
    with pytest.raises(InputError, match=r"seed was 0, is 1; bus.cost_noise was 0.001, is 0.002"):
        train(resumed(copy, Config(windows=50)), is_resumed=True)
    path.write_text(text.replace("windows = 40", "windows = 50"))
    with pytest.raises(InputError, match=r"is not what the run wrote"):
        train(resumed(copy, Config()), is_resumed=True)
    # It stays what it was, whoever looks.
    assert "windows = 50" in path.read_text()


def test_an_older_folder_is_refused_with_advice(copy):
    (copy / ".neuromgd").write_bytes(b"")
    with pytest.raises(InputError, match=r"format 1.*--config .*config\.toml"):
        train(resumed(copy, Config(windows=50)), is_resumed=True)


def test_blocks_of_an_array_are_put_together_and_a_lacking_one_is_noticed(tmp_path):
    whole = np.arange(12, dtype=np.float32).reshape(4, 3)
    pieces = [Piece("a", (4, 3), (start, 0), whole[start : start + 2]) for start in (2, 0)]
    (tmp_path / "f").write_bytes(encode({"window": 3}, [*pieces, Piece("b", (), (), np.array(1))]))
    told, read = decode(tmp_path / "f")
    assert told == {"window": 3}
    np.testing.assert_array_equal(joined(read)["a"], whole)
    assert joined(read)["b"] == 1
    with pytest.raises(InputError, match="array a is not whole"):
        joined(read[:1])


@pytest.mark.parametrize("content", [b"", b"[1]", b"\x80", b"{}", b'{"format": 2}', b"[" * 100_000])
def test_what_is_no_summary_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "summary.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as told:
        read_summary(path)
    assert "\n" not in str(told.value)
    path.write_bytes(as_json({"a": float("nan"), "b": [1]}))
    assert json.loads(path.read_text())["b"] == read_summary(path)["b"] == [1]


def test_files_of_odd_bytes_are_refused_in_one_line(tmp_path):
    came = {told.rpartition(": ")[2] for told in fuzzed(150, tmp_path, Share(seed=5))}
    assert came == {"read", "refused"}


@pytest.mark.slow
def test_the_short_campaign(tmp_path):
    assert tell(run(SHORT, tmp_path, Share()), SHORT, 0.0) == 0
