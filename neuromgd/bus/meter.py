"""The cost meter: reads the cost of a pass, and averages the change over a perturbation."""

import jax.numpy as jnp
from flax import struct
from jaxtyping import Array, Bool, Float, Int, Key

from neuromgd.converter import quantise
from neuromgd.randomness import Stream, normal, stream
from neuromgd.typing import Leaf


class BusParams(struct.PyTreeNode, kw_only=True):
    """How good the cost meter and the broadcast are.

    Attributes:
        cost_gain: () what a reading is wrong by as a factor [1]; None: 1.
        cost_offset: () what every reading is too high by [cost]; None: 0.
        cost_noise: () σ_C of one reading of the cost [cost]; None: none.
        cost_top: () largest code of the converter of every reading [1]; None: no converter.
        cost_range: () full scale of that converter [cost].
        deadband: () |ΔC| below which nothing is broadcast [cost]; None: none.
        broadcast_noise: () σ of fresh noise on the wire, one draw a broadcast [cost]; None: none.
        reception_gain_spread: () σ between synapses of the gain of their receivers [1]; None: 0.
        reception_noise: () σ of fresh noise in every receiver [cost]; None: none.
        drop_rate: () chance that a synapse misses a broadcast [1]; None: none does.
        chip_drop_rate: () chance that all of them miss it together [1]; None: they never do.
        delta_clip: () largest |ΔC| that is sent, in its running deviations [1]; None: any.
        delta_clip_windows: () time constant of those [windows].
        delta_top: () largest code of the ΔC converter [1]; None: no converter.
        delta_range: () full scale of that converter [cost]; None: each chip sets its own.
        high_pass: () time constant τ_hp of the high-pass in place of C0 [timesteps]; None: C0.
    """

    cost_gain: Leaf | None = None
    cost_offset: Leaf | None = None
    cost_noise: Leaf | None = None
    cost_top: Leaf | None = None
    cost_range: Leaf | None = None
    deadband: Leaf | None = None
    broadcast_noise: Leaf | None = None
    reception_gain_spread: Leaf | None = None
    reception_noise: Leaf | None = None
    drop_rate: Leaf | None = None
    chip_drop_rate: Leaf | None = None
    delta_clip: Leaf | None = None
    delta_clip_windows: Leaf | None = None
    delta_top: Leaf | None = None
    delta_range: Leaf | None = None
    high_pass: Leaf | None = None


class MeterState(struct.PyTreeNode, kw_only=True):
    """What the cost meter keeps between timesteps.

    Attributes:
        cost_0: () last reading of the reference cost, or with a high-pass of the cost [cost].
        total: () sum of the cost changes since the last broadcast [cost].
        readings: () timesteps in that sum [1].
        passed: () C̃, what the high-pass lets through [cost]; None: there is none.
    """

    cost_0: Leaf
    total: Leaf
    readings: Leaf
    passed: Leaf | None = None


def meter(has_high_pass: bool = False) -> MeterState:
    """Returns a cost meter that has read nothing yet."""
    zero = jnp.zeros((), jnp.float32)
    passed = zero if has_high_pass else None
    return MeterState(cost_0=zero, total=zero, readings=jnp.zeros((), jnp.int32), passed=passed)


def read_cost(
    params: BusParams,
    cost: Float[Array, ""],
    key: Key[Array, ""],
    which: Stream,
    n: Int[Array, ""],
) -> Float[Array, ""]:
    """Returns one reading of a cost: gain, offset, its own fresh noise, and a converter [cost].

    Args:
        params: How good the meter is.
        cost: What is read [cost].
        key: Root key of the chip.
        which: ``COST`` for the perturbed pass, ``COST_REFERENCE`` for the other one.
        n: Timestep of the reading.
    """
    if params.cost_gain is not None:
        cost = cost * params.cost_gain
    if params.cost_offset is not None:
        cost = cost + params.cost_offset
    if params.cost_noise is not None:
        fresh = normal(stream(key, which, n), ())
        cost = cost + params.cost_noise * fresh
    if params.cost_top is not None and params.cost_range is not None:
        cost = quantise(cost, params.cost_range, params.cost_top)
    return cost


def accumulate(state: MeterState, delta: Float[Array, ""]) -> MeterState:
    """Adds the cost change of one timestep, M += C − C0."""
    return state.replace(total=state.total + delta, readings=state.readings + 1)


def high_passed(
    params: BusParams, state: MeterState, cost: Float[Array, ""], is_new: Bool[Array, ""]
) -> MeterState:
    """Passes a reading on: C̃ ← a(C̃ + C − C_prev), a = τ_hp/(τ_hp + 1), and takes it as a change.

    Args:
        params: Gives τ_hp.
        state: After the reading before.
        cost: The reading C [cost].
        is_new: Whether the sample is new: its step is blanked, C_prev is C.

    References:
        McCaughan et al., APL Mach. Learn. 1, 026118 (2023): the analog algorithm.
    """
    assert params.high_pass is not None
    assert state.passed is not None
    share = params.high_pass / (params.high_pass + 1)
    passed = share * (state.passed + jnp.where(is_new, 0, cost - state.cost_0))
    return accumulate(state.replace(cost_0=cost, passed=passed), passed)


def mean_delta(state: MeterState) -> Float[Array, ""]:
    """Returns the mean cost change since the last broadcast, M/n_M [cost]."""
    return state.total / jnp.maximum(state.readings, 1).astype(jnp.float32)


def reset(state: MeterState) -> MeterState:
    """Clears the average after a broadcast; the reference reading stays."""
    return state.replace(total=jnp.zeros_like(state.total), readings=jnp.zeros_like(state.readings))
