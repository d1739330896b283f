"""The examples run as they stand, and every claim that they make is asserted in them."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_holds_its_claims(example, tmp_path):
    out = tmp_path / "run"
    arguments = [sys.executable, str(example), "--quick", "--out", str(out)]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (out / "training.png").exists()
