"""What the docs show runs as it stands, and the page of the library is what the docstrings say."""

import re
import warnings
from pathlib import Path

import jax
import pytest

import neuromgd as nm
from docs.write_api import PAGE, text

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.mark.slow
def test_the_examples_of_extending_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    scope: dict = {"__name__": "extending"}
    # Optax raises a Python number to an integer power, which the strict switch refuses.
    with jax.numpy_dtype_promotion("standard"), warnings.catch_warnings():
        warnings.simplefilter("ignore", nm.SlowEngineWarning)
        for block in BLOCK.findall(page):
            exec(compile(block, "docs/extending.md", "exec"), scope)


def test_the_diffs_of_a_new_code_network_and_mode_are_what_the_files_say():
    page = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    new = []
    for diff in re.findall(r"```diff\n(.*?)```", page, re.DOTALL):
        changed = [part.partition("\n@@\n") for part in diff.split("+++ b/")[1:]]
        assert [path for path, _, _ in changed][:-1] == ["neuromgd/names.py"]
        for path, _, lines in changed:
            text = (ROOT / path).read_text(encoding="utf-8")
            shown = "".join(f"{line.removeprefix('+')}\n" for line in lines.splitlines())
            assert shown in text
        assert shown == text  # the new file is shown whole
        new.append(path)
    assert new == [
        "neuromgd/network/models/cnn.py",
        "neuromgd/synapse/codes/sequential.py",
        "neuromgd/chip/modes/analog.py",
    ]


def test_the_page_of_the_library_is_what_its_docstrings_say():
    assert PAGE.read_text(encoding="utf-8") == text(), "run python docs/write_api.py"


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.stem)
def test_links_of_the_docs_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target
