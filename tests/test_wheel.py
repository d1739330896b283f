"""The wheel: what is installed without the source tree still finds its data sheets."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_an_installed_wheel_lists_the_sheets(tmp_path):
    run = lambda *command: subprocess.run(command, check=True, capture_output=True, text=True)
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", str(tmp_path), str(ROOT))
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for kind in ("devices", "platforms", "recipes"):
        sheets = {path.name for path in (ROOT / "hardware_models" / kind).glob("*.toml")}
        assert sheets == {
            Path(name).name
            for name in names
            if name.startswith(f"neuromgd/hardware_models/{kind}/") and name.endswith(".toml")
        }
    site = tmp_path / "site"
    run(sys.executable, "-m", "pip", "install", "--no-deps", "--target", str(site), str(wheel))
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r}); from neuromgd.sheets import library;"
        "print(library.folder('devices')); print(*library.names('platforms'))"
    )
    listed = run(sys.executable, "-I", "-c", code).stdout
    assert str(site) in listed
    assert "pcm_14nm" in listed
