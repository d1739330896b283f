"""Compiled programs are kept on disk, quietly, or not at all."""

import os
import shutil
import subprocess
import sys

import pytest

from neuromgd.checked_programs import Checked

SHORT = ["train", "--task", "parity", "--windows", "4", "--chips", "1", "--ideal"]


def run(code, *arguments, **environment):
    """Runs Python without what the tests set for themselves."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JAX_")}
    kept |= {"JAX_PLATFORMS": "cpu"} | environment
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=kept, capture_output=True, text=True
    )


def train(folder, out):
    return run(
        "from neuromgd.cli.main import main; main()", *SHORT, "--out", str(out),
        NEUROMGD_CACHE=str(folder),
    )  # fmt: skip


def folder(**environment):
    code = "from neuromgd.program_cache import keep_programs as keep; print(keep())"
    done = run(code, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def entries(path):
    return sorted(path.rglob("*-cache"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """What a first run leaves."""
    folder = tmp_path_factory.mktemp("programs")
    first = train(folder / "cache", folder / "run")
    assert first.returncode == 0, first.stderr
    return folder / "cache"


@pytest.mark.slow
def test_the_second_run_of_the_same_shapes_compiles_nothing(cache, tmp_path):
    compiled = entries(cache)
    assert all(path.name.endswith("-sha256-cache") for path in compiled)
    assert any(path.name.startswith("jit_advance") for path in compiled)
    times = [path.stat().st_mtime_ns for path in compiled]
    second = train(cache, tmp_path / "second")
    assert second.returncode == 0, second.stderr
    assert entries(cache) == compiled
    assert [path.stat().st_mtime_ns for path in compiled] == times
    # Loading them tells the user nothing but what compiling them told.
    assert "XLA" not in second.stderr
    assert "cache" not in second.stderr


@pytest.mark.slow
def test_a_damaged_entry_costs_nothing_but_time(cache, tmp_path):
    cache = shutil.copytree(cache, tmp_path / "cache")
    for path in entries(cache):
        path.write_bytes(b"damaged")
    again = train(cache, tmp_path / "second")
    assert again.returncode == 0, again.stderr
    assert "damaged" not in again.stderr
    assert "Error" not in again.stderr


def test_an_entry_of_another_program_or_with_a_changed_bit_is_none(tmp_path):
    class Inner(dict):
        _path = tmp_path
        put = dict.__setitem__

    cache = Checked(Inner())
    for key in ("one", "other"):
        cache.put(key, b"program " + key.encode())
        (tmp_path / f"{key}-sha256-cache").touch()
    assert cache.get("one") == b"program one"
    assert cache.get("third") is None
    cache.inner["one-sha256"] = cache.inner["other-sha256"]
    assert cache.get("one") is None
    # So that it can be written anew.
    assert [path.name for path in tmp_path.iterdir()] == ["other-sha256-cache"]
    entry = cache.inner["other-sha256"]
    for bit in range(8 * len(entry)):
        changed = bytearray(entry)
        changed[bit // 8] ^= 1 << bit % 8
        cache.inner["other-sha256"] = bytes(changed)
        assert cache.get("other") is None
    cache.inner["other-sha256"] = b""
    assert cache.get("other") is None


@pytest.mark.skipif(os.name == "nt", reason="folders of Unix")
@pytest.mark.parametrize(
    "environment",
    [
        {"NEUROMGD_CACHE": "off"},
        {"NEUROMGD_CACHE": "/dev/null/programs"},
        {"NEUROMGD_CACHE": "", "XDG_CACHE_HOME": "/dev/null"},
        {"NEUROMGD_CACHE": "", "JAX_COMPILATION_CACHE_DIR": "/dev/null/own"},
    ],
    ids=["off", "no folder", "no home", "JAX has its own"],
)
def test_there_may_be_no_folder(environment):
    assert folder(**environment) == "None"


def test_the_folder_is_where_the_user_or_the_desktop_says(tmp_path):
    shared = {"XDG_CACHE_HOME": str(tmp_path / "shared")}
    assert folder(NEUROMGD_CACHE="", **shared).startswith(str(tmp_path / "shared" / "neuromgd"))
    own = folder(NEUROMGD_CACHE=str(tmp_path / "own"), **shared)
    assert own.startswith(str(tmp_path / "own"))
    home = {"XDG_CACHE_HOME": "", "HOME": str(tmp_path)}
    assert folder(NEUROMGD_CACHE="", **home).startswith(str(tmp_path / ".cache" / "neuromgd"))


def test_a_library_that_has_imported_jax_already_is_told_as_well(tmp_path):
    code = (
        "import jax, neuromgd; kept = neuromgd.keep_programs();"
        "assert jax.config.jax_compilation_cache_dir == str(kept), kept;"
        "assert jax.config.jax_persistent_cache_min_compile_time_secs == 0;"
        "jax.jit(lambda x: x + 1)(1.0); assert list(kept.glob('*-sha256-cache'))"
    )
    done = run(code, NEUROMGD_CACHE=str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_a_folder_that_others_can_write_to_is_not_used(tmp_path):
    assert folder(NEUROMGD_CACHE=str(tmp_path)) != "None"
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o700
    kept.chmod(0o777)
    code = "from neuromgd.program_cache import keep_programs as keep; print(keep())"
    done = run(code, NEUROMGD_CACHE=str(tmp_path))
    assert done.stdout.strip() == "None"
    assert "other users can write to it" in done.stderr
