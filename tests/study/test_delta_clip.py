"""A range of ΔC in its own deviations, from every side."""

import json

import jax
import msgspec
import numpy as np
import pytest

from neuromgd.cli.train import main, resumed
from neuromgd.errors import InputError
from neuromgd.options.config import BusConfig, Config, LearningConfig
from neuromgd.options.read import checked, from_file
from neuromgd.plan.plan import plan
from neuromgd.study.sweep import sweep
from neuromgd.study.train import train

RUN = Config(
    task="parity", chips=2, windows=8, log_every=4,
    learning=LearningConfig(mode="node", schedule="constant"),
    bus=BusConfig(delta_clip=1.0, delta_clip_windows=3.0),
)  # fmt: skip
FLAGS = [
    "--task", "parity", "--chips", "2", "--windows", "8", "--log-every", "4",
    "--learning.mode", "node", "--learning.schedule", "constant",
    "--bus.delta-clip", "1", "--bus.delta-clip-windows", "3",
]  # fmt: skip


@pytest.mark.slow
def test_it_is_one_run_from_every_side(tmp_path):
    whole = train(msgspec.structs.replace(RUN, out=str(tmp_path / "whole")))
    main([*FLAGS, "--out", str(tmp_path / "cli")])
    told = json.loads((tmp_path / "cli" / "summary.json").read_text())
    assert told["cost"] == whole.summary["cost"]
    assert from_file(tmp_path / "cli" / "config.toml").bus == RUN.bus
    # What the meter knows of ΔC is in the checkpoint.
    train(msgspec.structs.replace(RUN, windows=4, out=str(tmp_path / "parts")))
    more = train(resumed(tmp_path / "parts", Config(windows=8)), is_resumed=True)
    jax.tree.map(np.testing.assert_array_equal, whole.chips.cells, more.chips.cells)
    jax.tree.map(np.testing.assert_array_equal, whole.chips.clip, more.chips.clip)
    out = str(tmp_path / "swept")
    done = sweep(msgspec.structs.replace(RUN, out=out), ["bus.delta_clip=0.2,1"])
    costs = np.asarray([row["cost"] for row in done.table]).reshape(2, 2)
    np.testing.assert_allclose(costs[1], whole.history[-1].cost_per_chip, rtol=1e-3)
    assert np.abs(costs[0] - costs[1]).max() > 0


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"bus": BusConfig(delta_clip_windows=3.0)}, "delta_clip_windows.*without bus.delta_clip"),
        ({"baseline": "backprop", "learning": LearningConfig()}, "delta_clip.*backprop"),
    ],
)
def test_where_it_has_no_effect_it_is_refused(changes, line):
    with pytest.raises(InputError, match=line):
        plan(checked(msgspec.structs.replace(RUN, **changes)))
