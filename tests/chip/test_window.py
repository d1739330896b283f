"""The window engine computes what one timestep after the other gives."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.bus.references import REFERENCES
from neuromgd.chip.chip import fabricate
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.modes import weight_window
from neuromgd.chip.modes.weight_window import tried_at_once
from neuromgd.chip.window import window, window_by_steps
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from neuromgd.synapse.state import at_rest
from tests.chip.small import CIRCUITS, IDEAL, NETWORK, NOISY, ONE_LAYER, samples

TAUS = [Tau(1, 1, 1), Tau(1, 4, 4), Tau(1, 1, 4), Tau(2, 4, 8), Tau(4, 2, 8)]


# Every pair of choices occurs once, with the code that kicks every synapse on its own; products,
# whose windows are computed in another way, meet each choice once, and other codes one pair in
# turn. The whole grid is slow to compile.
PAIRS = [
    (Tau(1, 1, 1), "perturbation", "two_pass", "finite"),
    (Tau(1, 4, 4), "timestep", "reuse", "finite"),
    (Tau(1, 1, 4), "timestep", "central", "finite"),
    (Tau(4, 1, 4), "perturbation", "reuse", "exact"),
    (Tau(2, 4, 8), "perturbation", "central", "exact"),
    (Tau(4, 2, 8), "timestep", "two_pass", "exact"),
]
ONCE = [("product", *PAIRS[i]) for i in (1, 2, 5)] + [
    (code, *PAIRS[(1, 2, 5)[place % 3]])
    for place, code in enumerate(CODES)
    if code not in ("rademacher", "product")
]
GRID = itertools.product(TAUS, ["perturbation", "timestep"], REFERENCES, ["finite", "exact"])
CHOICES = [("rademacher", *pair) for pair in PAIRS] + ONCE
SLOW = [(code, *choice) for code in CODES for choice in (*PAIRS, *GRID)]


def both(network, code, tau, broadcast, reference, difference, params):
    design = Design(
        network,
        code=CODES[code],
        reference=REFERENCES[reference],
        broadcast=broadcast,
        cost_difference=difference,
    )
    at_once, by_steps = (run(engine, design, tau, params) for engine in (window, window_by_steps))
    for a, b in zip(jax.tree.leaves(at_once), jax.tree.leaves(by_steps), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize(("code", "tau", "broadcast", "reference", "difference"), CHOICES)
def test_a_window_at_once_equals_its_timesteps(code, tau, broadcast, reference, difference):
    params = NOISY if 1 < tau.update < 8 else CIRCUITS
    both(ONE_LAYER, code, tau, broadcast, reference, difference, params)


@pytest.mark.slow
@pytest.mark.parametrize("element", ["volatile", "cell"])
def test_a_window_behind_wires_equals_its_timesteps(element):
    """Pairs whose wires see every kick, with noise that passes them."""
    params = NOISY.replace(network=NOISY.network.replace(wire_drop=jnp.float32(0.01)))
    design = Design(ONE_LAYER, is_pair=True, perturbation_element=element)
    at_once, by_steps = (run(e, design, Tau(1, 4, 4), params) for e in (window, window_by_steps))
    for a, b in zip(jax.tree.leaves(at_once), jax.tree.leaves(by_steps), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


@pytest.mark.slow
@pytest.mark.parametrize("code", ["rademacher", "product", "walsh"])
def test_a_window_of_ideal_layers_equals_its_timesteps(code):
    both(NETWORK, code, Tau(2, 4, 8), "perturbation", "two_pass", "finite", IDEAL)


@pytest.mark.slow
@pytest.mark.parametrize(("code", "tau", "broadcast", "reference", "difference"), SLOW)
def test_every_window_at_once_equals_its_timesteps(code, tau, broadcast, reference, difference):
    for params in (NOISY,) if 1 < tau.update < 8 else (IDEAL, CIRCUITS):
        both(NETWORK, code, tau, broadcast, reference, difference, params)


@pytest.mark.slow
@pytest.mark.parametrize(
    "reference",
    [one if one == "two_pass" else pytest.param(one, marks=pytest.mark.slow) for one in REFERENCES],
)
def test_windows_share_slow_noise_as_timesteps_do(reference):
    cells = dict(flicker_noise=0.02, drift_reference_time=20, read_time=1e-6, pass_time=1e-5)
    noisy = NOISY.device.replace(**{name: jnp.float32(one) for name, one in cells.items()})
    network = NOISY.network.replace(read_noise=None, weight_scale=jnp.float32(1))
    params = NOISY.replace(device=noisy, network=network, seconds_per_timestep=jnp.float32(1e-3))
    design = Design(NETWORK, reference=REFERENCES[reference])
    at_once, by_steps = (
        run(engine, design, Tau(2, 4, 8), params) for engine in (window, window_by_steps)
    )
    for a, b in zip(jax.tree.leaves(at_once), jax.tree.leaves(by_steps), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


def run(engine, design, tau, params, windows=3):
    """Returns (cells, records) after some windows."""
    machine, advance, records = Machine(design, params, tau), jax.jit(engine), []
    chip = fabricate(machine, root_key(1, 0))
    for number in range(windows):
        shown = samples(tau.update // tau.sample, seed=number)
        chip, record = advance(machine, chip, jnp.int32(number), shown)
        records.append(record)
    return chip.cells, records


def test_as_many_perturbations_are_tried_at_once_as_stay_at_hand(monkeypatch):
    """The largest share of a window within bounds; one where sums depend on their order."""
    rest = at_rest(jax.eval_shape(NETWORK.initialise, jax.random.key(0)))
    size = sum(one.size for one in jax.tree.leaves(rest.gradient_sum))
    monkeypatch.setattr(weight_window, "MOST", 5 * size)
    at_once = lambda params, slots: tried_at_once(
        Machine(Design(NETWORK), params, Tau(1, 1, slots)), rest, slots
    )
    assert [at_once(IDEAL, slots) for slots in (12, 3, 7, 1)] == [4, 3, 1, 1]
    assert at_once(CIRCUITS, 12) == 1
    monkeypatch.setattr(weight_window, "MOST", size - 1)
    assert at_once(IDEAL, 12) == 1
