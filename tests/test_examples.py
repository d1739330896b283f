"""The examples run as they stand, and every claim that they make is asserted in them."""

import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))
INTRO = next(path for path in EXAMPLES if path.stem == "mgd_intro")


# They compile some ten programs each.
LONG = ("mgd_intro", "mnist_over_devices", "recipes_over_devices")
RUN = [pytest.param(one, marks=pytest.mark.slow if one.stem in LONG else ()) for one in EXAMPLES]


@pytest.mark.parametrize("example", RUN, ids=lambda path: path.stem)
def test_an_example_runs_and_holds_its_claims(example, tmp_path):
    out = tmp_path / "run"
    arguments = [sys.executable, str(example), "--quick", "--out", str(out)]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    made = "fefet_jerry2017.toml" if example.stem == "recipes_over_devices" else "training.png"
    assert (out / made).exists()
    if example == INTRO:
        shown = set(re.findall(r'show\(figure, "(\w+)"\)', example.read_text(encoding="utf-8")))
        assert len(shown) >= 5
        assert shown == {path.stem for path in out.glob("*.png")}


def cells():
    """The cells of the notebook: whether each is text, and its lines."""
    kind, lines, found = None, [], []
    for line in INTRO.read_text(encoding="utf-8").splitlines():
        if line.startswith("# %%"):
            found += [] if kind is None else [(kind == "text", lines)]
            kind, lines = "text" if "[markdown]" in line else "code", []
        else:
            lines.append(line)
    return [*found, (kind == "text", lines)]


def test_the_introduction_is_a_notebook():
    whole = INTRO.read_text(encoding="utf-8")
    assert re.match(r"# ---\n# jupyter:\n(#.*\n)+# ---\n\n# %% \[markdown\]\n", whole)
    found = cells()
    assert all(not line or line.startswith("#") for text, lines in found if text for line in lines)
    assert "jupytext --to notebook" in "\n".join(found[0][1])
    for text, lines in found:
        if not text:
            compile("\n".join(lines), "cell", "exec")


def test_a_notebook_shows_its_figures_and_takes_no_command_line(tmp_path, monkeypatch):
    """The first cell of code as a notebook runs it, where the command line is the kernel's."""
    shown = []
    module = types.ModuleType("IPython.display")
    module.Image = lambda filename: filename  # type: ignore[attr-defined]
    module.display = shown.append  # type: ignore[attr-defined]
    package = types.ModuleType("IPython")
    package.version_info = (9, 0)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    monkeypatch.setattr(sys, "argv", ["ipykernel", "-f", "kernel.json"])
    monkeypatch.chdir(tmp_path)
    first = next("\n".join(lines) for text, lines in cells() if not text)
    scope = {"__name__": "__main__", "get_ipython": object()}
    exec(compile(first, str(INTRO), "exec"), scope)
    assert scope["options"].quick
    scope["show"](scope["Figure"](), "empty")
    assert shown == [str(Path("runs/mgd-intro/empty.png"))]
    assert (tmp_path / shown[0]).exists()


def test_the_introduction_ends_with_noise_a_device_and_a_platform():
    titles = re.findall(r"^# ## (.+)$", INTRO.read_text(encoding="utf-8"), re.MULTILINE)
    assert titles[-4:] == ["Training", "Noise", "A device", "A platform"]
