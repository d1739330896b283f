"""Examples in docstrings give what they say."""

import doctest
import importlib
from pathlib import Path

import pytest

import neuromgd

PACKAGE = Path(neuromgd.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


def test_there_are_examples():
    assert "neuromgd.study.train" in MODULES


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_hold(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried > 0
    assert failed == 0
