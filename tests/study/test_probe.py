"""The probe: it acts where nobody knows a rate, takes the slowest that falls, and says so."""

import msgspec
import numpy as np
import optax
import pytest
from flax import linen as nn

from neuromgd.errors import ProbedWarning
from neuromgd.options.config import Config
from neuromgd.plan.plan import NO_PARTS, Parts
from neuromgd.study import probe
from neuromgd.study.probe import Proposal, chosen, probed, weight_scale

FOUND = Proposal(0.03, 1e-2, 2.0, 2.4, 1.8)
LONG = Config(task="parity", windows=2000)


class Own(nn.Module):
    """Weights as large as an embedding's."""

    @nn.compact
    def __call__(self, x):
        x = nn.Dense(4, kernel_init=nn.initializers.normal(20.0))(x)
        return nn.Dense(2)(nn.tanh(x))


def test_of_those_that_fall_nearly_as_far_the_slowest_is_chosen():
    last = [2.39, 2.0, 1.45, 1.4, np.inf, 9.0]
    costs = np.asarray([[2.4] * 6, last])
    assert chosen(costs, [1e-3, 1e-2, 0.1, 0.3, 1.0, 3.0]) == 2
    # Of two with one rate the better; nothing where nothing is finite.
    assert chosen(np.asarray([[2.0, 2.0], [1.5, 1.2]]), [0.1, 0.1]) == 1
    assert chosen(np.full((2, 3), np.nan), [1.0, 2.0, 3.0]) is None
    assert chosen(np.asarray([[2.0, 2.0], [3.0, 2.5]]), [0.1, 0.3]) == 1


@pytest.mark.parametrize(
    ("config", "parts"),
    [
        (LONG, NO_PARTS),
        (LONG, Parts(rule=optax.adam(1e-3))),
        (msgspec.structs.replace(LONG, learning=Config().learning.__class__(rate=0.1)),
         Parts(network=Own())),
        (msgspec.structs.replace(LONG, windows=200), Parts(network=Own())),
    ],
    ids=["the task's network", "a rule with its rate", "a rate is given", "a short run"],
)  # fmt: skip
def test_what_is_known_stays_as_it_is(config, parts, monkeypatch):
    monkeypatch.setattr(probe, "propose", lambda *_: FOUND)
    assert probed(config, parts, is_resumed=False) is config


@pytest.mark.parametrize("parts", [Parts(network=Own()), Parts(rule=optax.adam)])
def test_what_is_not_known_is_probed_and_told(parts, monkeypatch):
    monkeypatch.setattr(probe, "propose", lambda *_: FOUND)
    with pytest.warns(ProbedWarning, match="learning.rate = 0.03, synapse.amplitude = 0.01"):
        found = probed(LONG, parts, is_resumed=False)
    assert (found.learning.rate, found.synapse.amplitude) == (0.03, 1e-2)
    assert found.network.weight_scale == 2.0
    # From 2.4 to 1.8 in 256 windows: half is left after twice that.
    assert FOUND.windows == 512
    assert Proposal(1.0, None, 1.0, 1.0, 2.0).windows is None


def test_first_weights_have_room_in_their_cells():
    # Of 16 normal weights the largest is between 1 and 4 σ; parity reads 10 of a weight unit.
    whole = probe.plan(LONG, Parts(network=Own()))
    scale = weight_scale(whole)
    assert 2 * 20 < scale < 2 * 20 * 4.5
    assert weight_scale(probe.plan(LONG)) is None
