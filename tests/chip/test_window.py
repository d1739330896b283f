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
from neuromgd.chip.window import window, window_by_steps
from neuromgd.randomness import root_key
from neuromgd.synapse.codes import CODES
from tests.chip.small import CIRCUITS, IDEAL, NETWORK, NOISY, samples

TAUS = [Tau(1, 1, 1), Tau(1, 4, 4), Tau(1, 1, 4), Tau(2, 4, 8), Tau(4, 2, 8)]


# Every pair of choices occurs once; the whole grid is slow to compile.
PAIRS = [
    (Tau(1, 1, 1), "perturbation", "two_pass", "finite"),
    (Tau(1, 4, 4), "timestep", "reuse", "finite"),
    (Tau(1, 1, 4), "timestep", "central", "finite"),
    (Tau(4, 1, 4), "perturbation", "reuse", "exact"),
    (Tau(2, 4, 8), "perturbation", "central", "exact"),
    (Tau(4, 2, 8), "timestep", "two_pass", "exact"),
]
GRID = itertools.product(TAUS, ["perturbation", "timestep"], REFERENCES, ["finite", "exact"])
CHOICES = PAIRS + [pytest.param(*choice, marks=pytest.mark.slow) for choice in GRID]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("tau", "broadcast", "reference", "difference"), CHOICES)
def test_a_window_at_once_equals_its_timesteps(tau, broadcast, reference, difference, code):
    design = Design(
        NETWORK,
        code=CODES[code],
        reference=REFERENCES[reference],
        broadcast=broadcast,
        cost_difference=difference,
    )
    for params in (NOISY,) if 1 < tau.update < 8 else (IDEAL, CIRCUITS):
        at_once, by_steps = (
            run(engine, design, tau, params) for engine in (window, window_by_steps)
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
