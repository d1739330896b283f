"""An effect of strength zero is an absent one, and an effect that is there can be seen."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromgd.bus.meter import BusParams
from neuromgd.chip.chip import fabricate, weights
from neuromgd.chip.design import Design, Tau
from neuromgd.chip.machine import Machine
from neuromgd.chip.window import window
from neuromgd.randomness import root_key
from neuromgd.synapse.state import SynapseParams
from tests.chip.small import IDEAL, ONE_LAYER, number, samples

# Effect -> (strength that is none, strength that is seen), with what it needs beside it.
EFFECTS = {
    "synapse": {
        "amplitude_spread": (0, 0.1),
        "amplitude_asymmetry_spread": (0, 0.1),
        "storage_flip_rate": (0, 0.3),
        "storage_noise": (0, 0.1),
        "multiplier_gain_spread": (0, 0.1),
        "multiplier_offset_spread": (0, 0.1),
        "accumulator_leak": (0, 0.1),
        "accumulator_range": (1e9, 0.01),
    },
    "bus": {
        "cost_gain": (1, 1.5),
        "cost_offset": (0, None),
        "cost_noise": (0, 0.01),
        "deadband": (0, 0.01),
        "broadcast_noise": (0, 0.01),
        "reception_gain_spread": (0, 0.1),
        "reception_noise": (0, 0.01),
        "drop_rate": (0, 0.5),
        "chip_drop_rate": (0, 0.5),
    },
}
# Converters have no strength of zero; others are no defects, or not on without another.
OTHERS = {
    "synapse": {
        "amplitude", "node_amplitude", "learning_rate", "rate_ratios", "storage_top",
        "storage_range", "accumulator_top", "residue_top", "residue_range", "residue_leak",
        "residue_noise", "write_share", "amplitude_ratios", "rule_top", "rule_range",
    },
    "bus": {
        "cost_top", "cost_range", "delta_top", "delta_range", "delta_clip", "delta_clip_windows",
        "high_pass",
    },
}  # fmt: skip
CASES = [(part, name) for part, effects in EFFECTS.items() for name in effects]


def test_every_effect_is_listed():
    for part, of_part in (("synapse", SynapseParams), ("bus", BusParams)):
        assert set(of_part.__dataclass_fields__) == EFFECTS[part].keys() | OTHERS[part]


def trained(params):
    """Weights after some windows of several perturbations, each broadcast at every timestep."""
    design, tau = Design(ONE_LAYER, broadcast="timestep"), Tau(1, 2, 4)
    chip = fabricate(Machine(design, params, tau), root_key(5, 0))

    def one(chip, n):
        return window(Machine(design, params, tau), chip, n, samples(4, seed=2))[0], None

    after, _ = jax.lax.scan(one, chip, jnp.arange(5))
    return jnp.concatenate([jnp.ravel(leaf) for leaf in jax.tree.leaves(weights(after))])


@pytest.fixture(scope="module")
def ideal():
    return jax.jit(trained)(IDEAL)


@pytest.mark.parametrize(("part", "name"), CASES)
def test_none_is_strength_zero_and_more_is_seen(part, name, ideal):
    none, some = EFFECTS[part][name]
    run = jax.jit(trained)
    with_effect = lambda value: run(
        IDEAL.replace(**{part: getattr(IDEAL, part).replace(**{name: number(value)})})
    )
    # Another program sums in another order: a few grains of float32, 30 times under what is seen.
    np.testing.assert_allclose(with_effect(none), ideal, rtol=0, atol=3e-6)
    if some is not None:
        assert np.abs(with_effect(some) - ideal).max() > 1e-4
