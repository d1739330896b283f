"""From which request on a cell is written, and that what is too small leaves it alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.chip.chip import fabricate
from neuromgd.chip.design import ChipParams, Design, Tau
from neuromgd.chip.kick import kicked
from neuromgd.chip.machine import Machine
from neuromgd.device.cell import read
from neuromgd.device.laws import LAWS
from neuromgd.device.retention import advance
from neuromgd.device.threshold import weight_step
from neuromgd.randomness import root_key
from neuromgd.synapse.state import SynapseParams
from tests.chip.small import NETWORK
from tests.device.cells import made, number, params, stored, written

IDEAL, LINEAR = LAWS["ideal"], LAWS["linear"]
WINDOW = dict(weight_min=-1, weight_max=1)
DRIFT = dict(drift_exponent=0.05, drift_reference_time=1e-3)


def test_a_request_that_is_nothing_does_not_restart_the_clock_of_a_continuous_cell():
    p = params(**WINDOW, **DRIFT)
    traits = made(p, (2,))
    cell = advance(p, traits, stored(p, np.full(2, 0.5), traits), number(10.0))
    after = written(IDEAL, p, cell, [1e-12, 0.0], 1, traits)
    np.testing.assert_array_equal(read(after), read(cell))
    np.testing.assert_array_equal(after.drift_clock.seconds, cell.drift_clock.seconds)
    assert not after.writes.any()
    moved = written(IDEAL, p, cell, [1e-6, -1e-6], 1, traits)
    assert moved.writes.all()
    assert not moved.drift_clock.seconds.any()


def test_programmed_weights_take_no_request_below_the_error_they_would_land_with():
    # σ = 0.02 + 0.02 r, and r = (1 + w)/2 where nothing conducts at w = −1.
    p = params(**WINDOW, programming_noise=[0.02, 0.02], zero_signal_weight=-1)
    weight = np.array([-1.0, 0.0, 0.9])
    sigma = 0.02 + 0.02 * (1 + weight) / 2
    cell = stored(p, weight)
    below, above = (
        written(IDEAL, p, cell, 0.99 * sigma, 1),
        written(IDEAL, p, cell, 1.01 * sigma, 1),
    )
    np.testing.assert_array_equal(below.weight, cell.weight)
    assert not below.writes.any()
    assert above.writes.all()


def test_a_pair_takes_the_error_of_its_difference():
    p = params(**WINDOW, programming_noise=[0.02], zero_signal_weight=-1)
    cell = stored(p, np.zeros(2), is_pair=True)
    least = 0.02 * np.sqrt(2) / 2
    after = written(IDEAL, p, cell, [0.99 * least, 1.01 * least], 1)
    np.testing.assert_array_equal(after.writes, [[0, 1], [0, 1]])


def test_a_stated_threshold_stands_instead():
    p = params(**WINDOW, programming_noise=[0.02], write_threshold=0.3)
    after = written(IDEAL, p, stored(p, np.zeros(3)), [0.29, -0.29, 0.31], 1)
    np.testing.assert_array_equal(after.writes, [0, 0, 1])
    p = params(**WINDOW, programming_noise=[0.02], write_threshold=0.0)
    assert written(IDEAL, p, stored(p, np.zeros(2)), [1e-12, 0], 1).writes.tolist() == [1, 0]


@pytest.mark.parametrize(
    "numbers",
    [dict(update_step=0.01), dict(levels=201)],
    ids=["pulses", "levels"],
)  # fmt: skip
def test_a_threshold_in_pulses_counts_nominal_steps(numbers):
    p = params(**WINDOW, **numbers, write_threshold_pulses=3)
    cell = stored(p, np.zeros(4))
    after = written(LINEAR, p, cell, [0.029, 0.031, -0.029, -0.031], 1)
    np.testing.assert_allclose(after.weight, [0, 0.03, 0, -0.03], atol=1e-6)
    np.testing.assert_array_equal(after.writes, [0, 1, 0, 1])


def test_a_step_of_a_weight_is_half_a_pulse_where_one_cell_moves():
    p = params(update_step=0.01, weight_min=0, weight_max=2, zero_signal_weight=0)
    one_sided = p.replace(refresh_upper=number(0.9))
    assert weight_step(LINEAR, p, False) == np.float32(0.01)
    assert weight_step(LINEAR, p, True) == np.float32(0.01)
    assert weight_step(LINEAR, one_sided, True) == np.float32(0.005)
    assert weight_step(IDEAL, p, False) is None
    assert weight_step(LINEAR, params(), False) is None
    # The weight moves by it when a cell gets its one pulse.
    for kind in (p, one_sided):
        step = float(weight_step(LINEAR, kind, True))
        before = stored(kind, np.zeros(1), is_pair=True)
        assert read(written(LINEAR, kind, before, [step], 1)) == pytest.approx(step, rel=1e-5)


@pytest.mark.slow
def test_a_kick_is_written_however_small_it_is():
    """Programmed weights leave requests below 0.02 alone, but a kick of 0.01 must be there."""
    numbers = dict(programming_noise=[0.02], zero_signal_weight=-1)
    circuit = SynapseParams(amplitude=number(0.01), learning_rate=number(0.3))
    built = Design(NETWORK, law=IDEAL, perturbation_element="cell")
    params_of = ChipParams(synapse=circuit, device=params(**WINDOW, **numbers))
    machine = Machine(built, params_of, Tau(1, 1, 1))
    chip = fabricate(machine, root_key(1, 0))
    kick = kicked(machine, chip, jnp.int32(0))
    for cells in jax.tree.leaves(kick.cells, is_leaf=lambda leaf: hasattr(leaf, "writes")):
        assert (np.asarray(cells.writes) == 2).all()
