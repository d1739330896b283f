"""The accuracies of chips with the cells of every sheet."""

import json
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from docs.claims.claim import Claim
from docs.claims.page import ROOT
from docs.claims.training import environment
from neuromgd.sheets import library


@cache
def measured() -> dict[str, float]:
    """Returns accuracy, spread, share at a bound and writes of every sheet, by its name."""
    values: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "examples/mnist_over_devices.py", "--out", folder]
        subprocess.run(command, cwd=ROOT, check=True, env=environment(), stdout=sys.stderr)
        for path in Path(folder).glob("*/summary.json"):
            told, name = json.loads(path.read_text()), path.parent.name
            values |= {
                name: 100 * told["accuracy"],
                f"{name}_spread": 100 * told["accuracy_std"],
                f"{name}_bound": 100 * told["diagnostics"].get("cells_at_a_bound_share", 0),
                f"{name}_writes": told["writes_per_synapse"],
            }
    return values


def _row(name: str) -> str:
    return (
        f"| `{name}` | {{{name}:.1f}} ± {{{name}_spread:.1f}} % | {{{name}_bound:.0f}}% |"
        f" {{{name}_writes:,.0f}} |"
    )


_NAMES = library.names("devices")
CLAIMS = [
    Claim(
        "devices", "docs/results.md", "python examples/mnist_over_devices.py", measured,
        ("on which an ideal cell reaches {ideal_fp:.0f} %", *map(_row, _NAMES)),
        {
            **{name: f"{name}_spread" for name in _NAMES},
            **{f"{name}_spread": 3.0 for name in _NAMES},
            **{f"{name}_bound": 2.0 for name in _NAMES},
            **{f"{name}_writes": 50.0 for name in _NAMES},
        },
        minutes=30,
    ),
]  # fmt: skip
