"""Runs whose last array has a delta rule: one run from every side, also behind a state."""

import json

import jax
import jax.numpy as jnp
import msgspec
import numpy as np
import pytest

from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.window import window
from neuromgd.cli.train import main, resumed
from neuromgd.data.sample import Sample
from neuromgd.options.config import ArrayConfig, BusConfig, Config, LearningConfig, NetworkConfig
from neuromgd.options.read import checked, from_file
from neuromgd.plan.plan import plan
from neuromgd.randomness import root_key
from neuromgd.study.sweep import sweep
from neuromgd.study.train import train


@pytest.mark.slow
def test_what_is_behind_a_state_that_goes_round_can_be_kicked_and_taught():
    """Only the array that feeds the state back is called again and again."""
    one = plan(checked(Config(
        task="delayed_parity", length=4, ideal=True, windows=1, chips=1,
        network=NetworkConfig(model="rnn", hidden=(2,)),
        learning=LearningConfig(mode="np,wp,delta"), tau_update=2, tau_perturbation=1,
    )))  # fmt: skip
    chip = fabricate(one.machine, root_key(0, 0))
    x = jnp.asarray(one.data.train_x[:2], jnp.float32)
    sample = Sample(x.reshape(2, *one.data.inputs), jnp.asarray(one.data.train_y[:2]))
    live = jax.jit(lambda chip: window(one.machine, chip, jnp.asarray(0), sample)[0])
    moved = jax.tree.map(lambda a, b: np.abs(a - b).max(), weights(live(chip)), weights(chip))
    assert min(jax.tree.leaves(moved)) > 0


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:timesteps are computed one after the other")
def test_it_is_one_run_from_every_side_that_goes_on_where_it_stopped(tmp_path):
    """Beside kicked neurons whose ΔC is late, with rows that are centred and momentum."""
    whole = tmp_path / "whole"
    main([
        "--task", "parity", "--chips", "2", "--windows", "8", "--log-every", "4", "--bus.delay",
        "3", "--learning.mode", "np,delta", "--learning.rule", "momentum", "--learning.schedule",
        "constant", "--array.centre-windows", "3", "--out", str(whole),
    ])  # fmt: skip
    config = Config(
        task="parity", chips=2, windows=4, log_every=4, bus=BusConfig(delay=3),
        learning=LearningConfig(mode="np,delta", rule="momentum", schedule="constant"),
        array=ArrayConfig(centre_windows=3), out=str(tmp_path / "parts"),
    )  # fmt: skip
    train(config)
    more = train(resumed(tmp_path / "parts", Config(windows=8)), is_resumed=True)
    told = json.loads((whole / "summary.json").read_text())
    assert more.summary["cost"] == told["cost"]
    stored = {one["what"]: one["values"] for one in told["local_memory"]}
    assert stored["perturbation, or its trace"] == pytest.approx(4 * 6 / 9, abs=1e-3)
    own = from_file(whole / "config.toml")
    assert own.learning.mode == "np,delta"
    own = msgspec.structs.replace(own, out=str(tmp_path / "swept"))
    swept = sweep(own, ["bus.cost_noise=1e-3,0.1"])
    first = np.asarray([row["cost"] for row in swept.table]).reshape(2, 2)[0]
    np.testing.assert_allclose(first, more.history[-1].cost_per_chip, rtol=1e-3)
