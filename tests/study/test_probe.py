"""The probe: it acts where nobody knows a rate, takes the slowest that falls, and says so."""

import jax
import msgspec
import numpy as np
import optax
import pytest
from flax import linen as nn

from neuromgd.errors import InputError, OtherLengthWarning, ProbedWarning
from neuromgd.options.config import Config, LearningConfig, SynapseConfig
from neuromgd.options.grid import FILE, Design, Point, kept, points, to_text
from neuromgd.options.read import from_file
from neuromgd.plan.plan import NO_PARTS, Parts, plan
from neuromgd.stamp import write_stamped
from neuromgd.study import probed as study
from neuromgd.study.probe import Proposal, _with, chosen, weight_scale
from neuromgd.study.probed import probed, probed_points, to_table
from neuromgd.study.sweep import sweep
from neuromgd.study.train import train

FOUND = Proposal(0.03, 1e-2, 2.0, 2.4, 1.8)
LONG = Config(task="parity", windows=2000)
replace = msgspec.structs.replace


class Own(nn.Module):
    """Weights as large as an embedding's."""

    size: float = 20.0

    @nn.compact
    def __call__(self, x):
        x = nn.Dense(4, kernel_init=nn.initializers.normal(self.size))(x)
        return nn.Dense(2)(nn.tanh(x))


@pytest.fixture
def calls(monkeypatch):
    """Configurations that are probed; each is told what was FOUND."""
    seen = []
    monkeypatch.setattr(study, "propose", lambda config, *_: seen.append(config) or FOUND)
    return seen


def test_of_those_that_fall_nearly_as_far_the_slowest_is_chosen():
    last = [2.39, 2.0, 1.45, 1.4, np.inf, 9.0]
    costs = np.asarray([[2.4] * 6, last])
    assert chosen(costs, [1e-3, 1e-2, 0.1, 0.3, 1.0, 3.0]) == 2
    # Of two with one rate the better; nothing where nothing is finite.
    assert chosen(np.asarray([[2.0, 2.0], [1.5, 1.2]]), [0.1, 0.1]) == 1
    assert chosen(np.full((2, 3), np.nan), [1.0, 2.0, 3.0]) is None
    assert chosen(np.asarray([[2.0, 2.0], [3.0, 2.5]]), [0.1, 0.3]) == 1
    # From 2.4 to 1.8 in 256 windows: half is left after twice that.
    assert FOUND.windows == 512
    assert Proposal(1.0, None, 1.0, 1.0, 2.0).windows is None


@pytest.mark.parametrize(
    ("config", "parts"),
    [
        (LONG, NO_PARTS),
        (LONG, Parts(rule=optax.adam(1e-3))),
        (replace(LONG, learning=LearningConfig(rate=0.1)), Parts(network=Own())),
        (replace(LONG, baseline="backprop"), Parts(network=Own())),
        (replace(LONG, windows=200), Parts(network=Own())),
    ],
    ids=["the task's network", "a rule with its rate", "a rate is given", "no chip", "a short run"],
)
def test_what_is_known_stays_as_it_is(config, parts, calls):
    assert probed(config, parts, False, True) is config
    assert not calls


@pytest.mark.parametrize("parts", [Parts(network=Own()), Parts(rule=optax.adam)])
def test_what_is_not_known_is_probed_and_told(parts, calls):
    with pytest.warns(ProbedWarning, match="learning.rate = 0.03, synapse.amplitude = 0.01"):
        found = probed(LONG, parts, False, True)
    assert (found.learning.rate, found.synapse.amplitude) == (0.03, 1e-2)
    assert found.network.weight_scale == 2.0
    assert probed(LONG, parts, False, may_probe=False) is LONG
    assert len(calls) == 1


def test_where_a_probe_chooses_nothing_the_tasks_numbers_stand(monkeypatch, tmp_path):
    def propose(*_):
        raise InputError("chips stay finite at no learning.rate")

    monkeypatch.setattr(study, "propose", propose)
    parts = Parts(rule=optax.adam)
    with pytest.warns(ProbedWarning, match="chose nothing: chips stay finite at no"):
        assert probed(LONG, parts, False, True) is LONG
    todo = [Point({}, LONG)]
    with pytest.warns(ProbedWarning, match="what the task has stands"):
        assert probed_points(todo, parts, tmp_path, False, True) == (todo, [])


def test_the_numbers_of_a_trial_are_those_of_a_run_that_is_given_them():
    given = replace(
        LONG, learning=LearningConfig(rate=FOUND.rate), synapse=SynapseConfig(amplitude=1e-2)
    )
    ours, theirs = _with(plan(LONG), FOUND).params.synapse, plan(given).params.synapse
    assert ours.learning_rate == theirs.learning_rate
    assert ours.amplitude == theirs.amplitude


def test_first_weights_have_room_in_their_cells():
    # Of 16 normal weights the largest is between 1 and 4 σ; parity reads 10 of a weight unit.
    whole = plan(LONG, Parts(network=Own()))
    scale = weight_scale(whole)
    assert 2 * 20 < scale < 2 * 20 * 4.5
    assert weight_scale(plan(LONG)) is None


def test_points_are_probed_each_but_those_that_have_a_rate(calls, tmp_path):
    design = Design(over=["learning.rate=none,0.5", "bus.cost_noise=0,0.1"])
    todo, _ = points(LONG, design)
    with pytest.warns(ProbedWarning, match=r"at each of 2 points chose learning.rate = 0.03,"):
        found, rows = probed_points(todo, Parts(network=Own()), tmp_path, False, True)
    assert [one.config.learning.rate for one in found] == [0.03, 0.03, 0.5, 0.5]
    assert [row["point"] for row in rows] == [0, 1]
    assert probed_points(todo, Parts(network=Own()), tmp_path, False, False) == (todo, [])
    # The file of the sweep keeps it beside the axes, for a sweep that goes on.
    write_stamped(tmp_path / FILE, to_text(design, LONG) + to_table(rows))
    assert kept(tmp_path)[0] == design
    assert probed_points(todo, Parts(network=Own()), tmp_path, True, True) == (found, rows)
    assert len(calls) == 2


@pytest.mark.slow
def test_a_run_and_a_sweep_that_go_on_keep_what_was_proposed(calls, tmp_path):
    config, parts = replace(LONG, chips=1, out=str(tmp_path / "run")), Parts(network=Own())
    with pytest.warns(ProbedWarning):
        train(config, parts=parts)
    begun = from_file(tmp_path / "run" / "config.toml")
    assert (begun.learning.rate, begun.network.weight_scale) == (0.03, 2.0)
    over = {"bus.cost_noise": [0.0, 1e-3]}
    short = replace(config, out=str(tmp_path / "sweep"))
    with pytest.warns(ProbedWarning):
        first = sweep(short, over, parts=parts)
    assert kept(tmp_path / "sweep")[0] == first.design
    with pytest.warns(OtherLengthWarning):
        run = train(replace(config, windows=2100), parts=parts, is_resumed=True)
    assert run.config.learning.rate == 0.03
    with pytest.warns(OtherLengthWarning):
        again = sweep(replace(short, windows=2100), over, parts=parts, is_resumed=True)
    assert len(calls) == 3  # one run, two points
    assert len(again.points) == 2


@pytest.mark.slow
def test_a_probe_of_real_chips_finds_a_rate_for_adam_and_for_each_point(tmp_path):
    config = Config(task="digits", chips=2, windows=1100, log_every=1100, out=str(tmp_path))
    # Optax raises a Python number to an integer power, which the strict switch refuses.
    with (
        jax.numpy_dtype_promotion("standard"),
        pytest.warns(ProbedWarning, match="at each of 2 points"),
    ):
        done = sweep(config, {"bus.cost_noise": [0.0, 0.3]}, parts=Parts(rule=optax.adam))
    quiet, loud = done.points
    assert quiet["accuracy"] > 2 * done.chance
    assert quiet["accuracy"] >= loud["accuracy"]
