"""Runs that gate the kicks of neurons and of weights, from every side."""

import json

import jax
import msgspec
import numpy as np
import pytest

from neuromgd.cli.train import main, resumed
from neuromgd.errors import InputError
from neuromgd.options.config import BusConfig, Config, LearningConfig, NetworkConfig, SynapseConfig
from neuromgd.options.read import checked, from_file
from neuromgd.plan.plan import plan
from neuromgd.study.sweep import sweep
from neuromgd.study.train import train

# A ΔC that is late meets a gate that was kept with the row.
RUN = Config(
    task="parity", chips=2, windows=8, log_every=4,
    learning=LearningConfig(mode="wp,np", schedule="constant"), tau_update=4,
    network=NetworkConfig(activation="relu"), synapse=SynapseConfig(gate="pre,post"),
    bus=BusConfig(delay=3),
)  # fmt: skip
FLAGS = [
    "--task", "parity", "--chips", "2", "--windows", "8", "--log-every", "4",
    "--learning.mode", "wp,np", "--learning.schedule", "constant", "--network.activation", "relu",
    "--synapse.gate", "pre,post", "--bus.delay", "3", "--tau-update", "4",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:timesteps are computed one after the other")
def test_it_is_one_run_from_every_side(tmp_path):
    whole = train(msgspec.structs.replace(RUN, out=str(tmp_path / "whole")))
    main([*FLAGS, "--out", str(tmp_path / "cli")])
    told = json.loads((tmp_path / "cli" / "summary.json").read_text())
    assert told["cost"] == whole.summary["cost"]
    assert from_file(tmp_path / "cli" / "config.toml").synapse.gate == "pre,post"
    train(msgspec.structs.replace(RUN, windows=4, out=str(tmp_path / "parts")))
    more = train(resumed(tmp_path / "parts", Config(windows=8)), is_resumed=True)
    jax.tree.map(np.testing.assert_array_equal, whole.chips.cells, more.chips.cells)
    out = str(tmp_path / "swept")
    done = sweep(msgspec.structs.replace(RUN, out=out), ["synapse.node_amplitude=0.05,0.1"])
    costs = np.asarray([row["cost"] for row in done.table]).reshape(2, 2)
    np.testing.assert_allclose(costs[1], whole.history[-1].cost_per_chip, rtol=1e-3)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"learning": LearningConfig(mode="node")}, "no array that kicks its weights is used at"),
        ({"network": NetworkConfig(activation="tanh")}, "no array that could have a gate gives"),
        ({"tau_perturbation": 4, "learning": LearningConfig()}, "one ΔC for 4 timesteps"),
        ({"tau_sample": 2, "tau_perturbation": 2, "tau_update": 8}, "one ΔC for 2 timesteps"),
    ],
)
def test_where_it_would_bias_or_do_nothing_it_is_refused(changes, line):
    with pytest.raises(InputError, match=line):
        plan(checked(msgspec.structs.replace(RUN, **changes)))
