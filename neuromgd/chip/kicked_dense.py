"""A dense array under a kick of random signs, without the kicked weights ever being in memory.

Each tile of the product draws the signs of its own weights while it has them in registers, from
the words that ``synapse.codes.rademacher`` draws: bit for bit the same kick. Reading θ once is all
the traffic that is left, where a kicked copy costs a write and a read more.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.experimental import pallas as pl
from jax.experimental.pallas import triton
from jaxtyping import Array, Bool, Float, Int, Key

from neuromgd.philox import WORD_ROUNDS, philox
from neuromgd.synapse.codes.rademacher import signs

# A tile: so many samples, rows and columns at most. Rows are whole words, 32 signs in each.
_SAMPLES, _ROWS, _COLUMNS = 128, 32, 64
_SIGN_BIT = 1 << 31


class SignKick(NamedTuple):
    """A kick of random signs.

    Attributes:
        key: () of the signs of this array in this perturbation, of the Philox generator.
        amplitude: () perturbation amplitude Δθ [w.u.].
        gain: (*array) applied over stored perturbation [1]; None: all 1.
    """

    key: Key[Array, ""]
    amplitude: Float[Array, ""]
    gain: Float[Array, "*array"] | None = None


def dense(
    x: Float[Array, "samples rows"],
    theta: Float[Array, "rows columns"],
    kick: SignKick | None = None,
    kernel: str = "plain",
) -> Float[Array, "samples columns"]:
    """Returns x(θ + θ̃).

    The pass without a kick takes the same way: a difference of the two has no error of its own
    from sums that are taken in another order.

    Args:
        x: (samples, rows) what drives the array.
        theta: (rows, columns) its weights [w.u.].
        kick: What is added to them; None: nothing.
        kernel: ``plain`` (the kicked weights are an array), ``pallas`` (in tiles, on a GPU) or
            ``interpret`` (the same tiles, on any processor).
    """
    if kernel == "plain":
        return jnp.dot(x, theta if kick is None else theta + added(kick, theta.shape))
    return _in_tiles(x, theta, kick, kernel == "interpret")


def added(kick: SignKick, shape: tuple[int, ...]) -> Float[Array, "*array"]:
    """Returns what a kick adds to the (*array) weights of an array [w.u.]."""
    perturbation = kick.amplitude * signs(kick.key, shape)
    return perturbation if kick.gain is None else perturbation * kick.gain


def _in_tiles(
    x: Float[Array, "samples rows"],
    theta: Float[Array, "rows columns"],
    kick: SignKick | None,
    is_interpreted: bool,
) -> Float[Array, "samples columns"]:
    (samples, rows), columns = x.shape, theta.shape[1]
    tile = _tile(samples, _SAMPLES), _tile(columns, _COLUMNS)
    inputs = [x, theta]
    if kick is not None:
        # A kernel reads arrays: the key is two words, the amplitude one number.
        inputs += [jax.random.key_data(kick.key), kick.amplitude[None]]
        inputs += [] if kick.gain is None else [kick.gain]
    return pl.pallas_call(
        partial(_tile_of_outputs, rows=rows, tile=tile),
        out_shape=jax.ShapeDtypeStruct((samples, columns), jnp.float32),
        grid=(pl.cdiv(samples, tile[0]), pl.cdiv(columns, tile[1])),
        compiler_params=triton.CompilerParams(num_warps=4, num_stages=2),
        interpret=is_interpreted,
        name="kicked_dense",
    )(*inputs)


def _tile(length: int, largest: int) -> int:
    # Triton multiplies tiles whose sides are powers of two, 16 at least.
    return min(largest, max(16, pl.next_power_of_2(length)))


def _tile_of_outputs(x_ref, theta_ref, *refs, rows: int, tile: tuple[int, int]) -> None:
    """Computes one tile of outputs: the kernel, run once for each tile."""
    *kick_refs, output_ref = refs
    samples = _Span(pl.program_id(0) * tile[0], tile[0], output_ref.shape[0])
    columns = _Span(pl.program_id(1) * tile[1], tile[1], output_ref.shape[1])

    def add_rows(step: Array, total: Float[Array, "samples columns"]):
        span = _Span(step * _ROWS, _ROWS, rows)
        weight = _load(theta_ref, span, columns)
        if kick_refs:
            weight = weight + _tile_of_kick(kick_refs, span, columns)
        # TF32 would round the weights to ten bits: most of a small kick would be lost.
        return total + jax.lax.dot(
            _load(x_ref, samples, span), weight, precision=jax.lax.Precision.HIGHEST
        )

    nothing = jnp.zeros(tile, jnp.float32)
    total = jax.lax.fori_loop(0, pl.cdiv(rows, _ROWS), add_rows, nothing)
    is_there = samples.is_there[:, None] & columns.is_there[None, :]
    triton.store(output_ref.at[samples.place, columns.place], total, mask=is_there)


class _Span(NamedTuple):
    """Where a tile lies along one axis; its last part may be beyond the end of the array."""

    start: Array
    size: int
    length: int

    @property
    def place(self) -> pl.Slice | slice:
        return pl.ds(self.start, self.size)

    @property
    def numbers(self) -> Int[Array, " size"]:
        return self.start + jnp.arange(self.size)

    @property
    def is_there(self) -> Bool[Array, " size"]:
        return self.numbers < self.length


def _load(ref, first: _Span, second: _Span) -> Float[Array, "first second"]:
    """Returns a tile, with zeros where there is no array."""
    mask = first.is_there[:, None] & second.is_there[None, :]
    return triton.load(ref.at[first.place, second.place], mask=mask, other=0.0)


def _tile_of_kick(refs, rows: _Span, columns: _Span) -> Float[Array, "rows columns"]:
    """Returns Δθ·sign·gain of the weights of a tile; its rows are those of one word.

    See ``rademacher.signs``: word w·columns + c holds the signs of rows 32w … 32w + 31 of column c,
    the highest bit first, and a one is a minus.
    """
    key_ref, amplitude_ref, *gain_refs = refs
    number = (rows.start // _ROWS * columns.length + columns.numbers).astype(jnp.uint32)
    counter = number, jnp.broadcast_to(key_ref[1], number.shape)
    words, _ = philox(counter, key_ref[0], WORD_ROUNDS)
    shifts = jnp.arange(_ROWS, dtype=jnp.uint32)[:, None]
    minus = (words[None, :] << shifts) & jnp.uint32(_SIGN_BIT)
    size = jnp.full(minus.shape, amplitude_ref[0], jnp.float32)
    if gain_refs:
        size = size * _load(gain_refs[0], rows, columns)
    flipped = jax.lax.bitcast_convert_type(size, jnp.uint32) ^ minus
    return jax.lax.bitcast_convert_type(flipped, jnp.float32)
