"""The forward pass through arrays: converters and noise at every call of every array."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float, Key, Num

from neuromgd.network.arrays import (
    OWN,
    SHARED,
    Call,
    OnCall,
    beside,
    deviations_of,
    power,
    squared,
    through,
)
from neuromgd.network.columns import bent
from neuromgd.network.converters import Converters, of_array
from neuromgd.network.crossbar import effective
from neuromgd.network.curvature import curved
from neuromgd.network.network import Network
from neuromgd.network.neurons import Defects, defects
from neuromgd.network.params import NetworkParams
from neuromgd.network.survey import Survey, survey
from neuromgd.network.taps import Act, Port, Tap, run, tapped
from neuromgd.randomness import normal
from neuromgd.typing import Arrays, Count


class Together(NamedTuple):
    """Noise that readings of a network have in common with other readings.

    Attributes:
        deviation: σ of it on every weight, shaped as the weights [w.u.].
        keys: (samples,) one for all readings that share it.
    """

    deviation: Arrays
    keys: Key[Array, " samples"]


# (its module, its input) -> what is added to the output of an array; None: nothing.
Extra = Callable[[nn.Module, Array], Array | None]

# A port, and the number of its array or layer of neurons.
Place = tuple[Port, int]

# (port, number) -> (samples, …) what drives the rows of an array, or comes to neurons; and on which
# columns of an array a neuron is on, if kicks ask for it.
Rows = dict[Place, Array]

# Number of an array -> the layer of its neurons: what is added to it is so where one is on.
Gated = dict[int, int]

# (its module, its ideal function, its input) -> its output, computed in another way.
Product = Callable[[nn.Module, Callable[[Array], Array], Array], Array]


def forward(
    network: Network,
    params: NetworkParams,
    converters: Converters,
    theta: Arrays,
    x: Num[Array, "samples *input"],
    keys: Key[Array, " samples"],
    deviation: Arrays | None = None,
    extra: Extra | None = None,
    product: Product | None = None,
    chip_key: Key[Array, ""] | None = None,
    together: Together | None = None,
    encodings: Arrays | None = None,
) -> Float[Array, "samples *output"]:
    """Runs samples through the arrays of a chip.

    Args:
        network: Forward pass; its arrays are modules of the kinds in ``arrays.ARRAYS``.
        params: How good the periphery is.
        converters: Around its arrays.
        theta: Arrays of weights.
        x: (samples, *input).
        keys: (samples,) one for every reading of the network.
        deviation: σ of one reading of every weight, shaped as ``theta`` [w.u.]; None: as
            ``params`` says.
        extra: What is added to the output of every array, such as the part of a perturbation.
        product: What computes every array in place of its module.
        chip_key: Root key of the chip, of the traits of its neurons.
        together: Noise beside ``deviation`` that other readings have, too.
        encodings: How the weights are conductances; see ``crossbar.effective``.
    """
    if params.is_ideal and extra is None and product is None:
        return network.apply(effective(network, params, theta, x, encodings)[0], x)
    seen = survey(network, x.shape[1:], x.dtype)
    every = _noises(keys, together)
    weights = _as_read(network, params, theta, x, deviation, together, encodings)

    def passed(x: Array, keys: tuple[Key[Array, " samples"], ...], axis: int | None) -> Array:
        act = _periphery(seen, params, converters, keys, chip_key)
        call = partial(_called, params, extra, product, {}, axis)
        kept = (0,) * len(seen.arrays)
        plain = lambda *given: act(*given)[:2]
        _, outputs = ported(network, seen, weights, x, plain, kept, call, axis)
        return outputs

    if seen.has_samples_first:
        return passed(x, every, 0)
    # Where the samples lie is the network's own affair: each goes through alone.
    alone = lambda x, *keys: passed(x[None], tuple(key[None] for key in keys), None)[0]
    return jax.vmap(alone)(x, *every)


def forward_with_rows(
    network: Network,
    params: NetworkParams,
    converters: Converters,
    theta: Arrays,
    x: Num[Array, "samples *input"],
    keys: Key[Array, " samples"],
    deviation: Arrays | None = None,
    extra: Extra | None = None,
    chip_key: Key[Array, ""] | None = None,
    together: Together | None = None,
    encodings: Arrays | None = None,
    gated: Gated | None = None,
    noted: frozenset[Place] = frozenset(),
) -> tuple[Float[Array, "samples *output"], Rows]:
    """Does what ``forward`` does, and tells what came by at the places that are ``noted``.

    That is what drives the rows of an array, behind its converter, or what comes to its neurons.
    None of them may be called in a loop, and all have the samples first. What is added to an array
    in ``gated`` is so on the columns whose neurons are on in this very pass, its noise included.
    """
    seen = survey(network, x.shape[1:], x.dtype)
    inner = _periphery(seen, params, converters, _noises(keys, together), chip_key, gated)

    def act(tap: Tap, kept: Any, before: Array, more: tuple[Array, ...]):
        calls, rows = kept
        calls, value, is_on = inner(tap, calls, before, more)
        if (tap.port, tap.number) in noted:
            # Neurons that are not alike differ behind this place.
            came = value if tap.port is Port.ROWS else before
            rows = rows | {(tap.port, tap.number): came}
        if is_on is not None:
            rows = rows | {(tap.port, tap.number): is_on}
        return (calls, rows), value

    call = partial(_called, params, extra, None, gated or {}, 0)
    kept = (0,) * len(seen.arrays), {}
    weights = _as_read(network, params, theta, x, deviation, together, encodings)
    (_, rows), outputs = ported(network, seen, weights, x, act, kept, call)
    return outputs, rows


def _as_read(
    network: Network,
    params: NetworkParams,
    theta: Arrays,
    x: Num[Array, "samples *input"],
    deviation: Arrays | None,
    together: Together | None,
    encodings: Arrays | None,
) -> Arrays:
    """Returns the weights that signals meet, with the σ of a reading beside them if it is known."""
    theta, share = effective(network, params, theta, x, encodings)
    shared = None if together is None else together.deviation
    if share is not None:
        deviation = _left_of_noise(params, network, share, deviation)
        shared = None if shared is None else jax.tree.map(jnp.multiply, share, shared)
    if deviation is not None:
        theta = beside(theta, deviation)
    return theta if shared is None else beside(theta, shared, SHARED)


def _noises(
    keys: Key[Array, " samples"], together: Together | None
) -> tuple[Key[Array, " samples"], ...]:
    return (keys,) if together is None else (keys, together.keys)


def _left_of_noise(
    params: NetworkParams, network: Network, share: Arrays, deviation: Arrays | None
) -> Arrays | None:
    """Returns the σ of one reading of every weight that wires leave [w.u.]; None: none."""
    if params.read_noise is not None:
        uniform = params.read_noise / network.weight_scale
        if deviation is None:
            deviation = jax.tree.map(lambda one: jnp.broadcast_to(uniform, one.shape), share)
        else:
            deviation = jax.tree.map(lambda one: jnp.hypot(one, uniform), deviation)
    return None if deviation is None else jax.tree.map(jnp.multiply, share, deviation)


def ported(
    network: Network,
    seen: Survey,
    theta: Arrays,
    x: Array,
    act: Act,
    kept: Any,
    call: OnCall,
    axis: int | None = 0,
) -> tuple[Any, Array]:
    """Runs the network with taps at the ports of its arrays and neurons.

    Args:
        network: Forward pass.
        seen: What it is made of.
        theta: Arrays of weights.
        x: (samples, *input).
        act: What happens at a tap.
        kept: What goes from tap to tap.
        call: Puts taps on what drives an array and on what it gives.
        axis: Of the samples; None: there is one.
    """

    def fire(layer: int, activation: Callable[[Array], Array], x: Array) -> Array:
        y = activation(tapped(Tap(Port.NEURONS_IN, layer, axis), x))
        return tapped(Tap(Port.NEURONS_OUT, layer, axis), y)

    whole = lambda theta, x: through(network, theta, x, call, fire, seen.is_jitted)
    trace, shape = jax.make_jaxpr(whole, return_shape=True)(theta, x)
    kept, outputs = run(trace, jax.tree.leaves((theta, x)), act, kept)
    return kept, jax.tree.unflatten(jax.tree.structure(shape), outputs)


def driven(call: Call, x: Array, axis: int | None = 0) -> Array:
    """Returns what drives an array, with a tap on it; the numbers of rows are no signals."""
    if not call.is_driven:
        return x
    if not jnp.issubdtype(x.dtype, jnp.inexact):
        x = x.astype(jnp.float32)
    return tapped(Tap(Port.ROWS, call.number, axis), x)


def _called(
    params: NetworkParams,
    extra: Extra | None,
    product: Product | None,
    gated: Gated,
    axis: int | None,
    call: Call,
    x: Array,
) -> Array:
    x = driven(call, x, axis)
    y = call.ideal(x) if product is None else product(call.module, call.ideal, x)
    more = None if extra is None else extra(call.module, x)
    if more is not None and call.number not in gated:
        y = y + more
    noted = (_deviation(params, call, x, y),) if params.is_noisy else ()
    if shared := deviations_of(call.module, SHARED):
        noted = (*noted, jnp.sqrt(squared(call, x, jax.tree.map(jnp.square, shared))))
    if more is not None and call.number in gated:
        noted = (*noted, jnp.broadcast_to(more, y.shape))
    return tapped(Tap(Port.COLUMNS, call.number, axis), y, *noted)


def _deviation(params: NetworkParams, call: Call, x: Array, y: Array) -> Array:
    """Returns the σ of fresh noise on the outputs of one array, for every sample.

    Noise of every weight adds Σ x_j ξ_j to an output, which is normal with variance σ² Σ x_j²: the
    same distribution, without a draw for every weight and sample.
    """
    variance = jnp.zeros((1,) * y.ndim, jnp.float32)
    if params.output_noise is not None:
        variance = variance + params.output_noise**2
    # Behind wires it stands beside every weight.
    if params.read_noise is not None and params.wire_drop is None:
        variance = variance + params.read_noise**2 * power(call, x, y)
    if own := deviations_of(call.module, OWN):
        variance = variance + squared(call, x, jax.tree.map(jnp.square, own))
    return jnp.sqrt(variance)


def _periphery(
    seen: Survey,
    params: NetworkParams,
    converters: Converters,
    keys: tuple[Key[Array, " samples"], ...],
    chip_key: Key[Array, ""] | None,
    gated: Gated | None = None,
) -> Callable[..., tuple[tuple[Count, ...], Array, Array | None]]:
    """Returns what a chip does at taps; from tap to tap go the calls of every array so far.

    Beside what a tap gives stands where a gated kick was added: 1 there, else 0.
    """

    def at_array(tap: Tap, calls: tuple[Count, ...], value: Array, noted: tuple[Array, ...]):
        is_on = kick = None
        if tap.port is Port.ROWS:
            return calls, into_rows(params, converters, tap, value), is_on
        if gated is not None and tap.number in gated:
            noted, kick = noted[:-1], noted[-1]
        if noted:
            called = calls[tap.number]
            number, shape = called * len(calls) + tap.number, value.shape
            # What readings share comes second, if they share anything.
            for sigma, own in zip(noted, keys, strict=False):
                value = value + sigma * _fresh(own, tap, number, shape)
            calls = (*calls[: tap.number], called + 1, *calls[tap.number + 1 :])
        if gated is not None and kick is not None:
            current = at_neurons(Tap(Port.NEURONS_IN, gated[tap.number], tap.axis), value)
            is_on = jnp.where(current > 0, 1.0, 0.0)
            value = value + is_on * kick
        if converters.adc:
            own = of_array(converters.adc, tap.number)
            value = own(bent(params, own, chip_key, tap.number, value))
        return calls, value, is_on

    def at_neurons(tap: Tap, value: Array) -> Array:
        if params.activation_defects is None or chip_key is None:
            return value
        shape = tap.without_samples(value.shape)
        own = defects(params.activation_defects, chip_key, tap.number, shape)
        own = Defects(*map(tap.for_all_samples, own))
        return own.into(value) if tap.port is Port.NEURONS_IN else own.out_of(value)

    def act(tap: Tap, calls: tuple[Count, ...], value: Array, noted: tuple[Array, ...]):
        if tap.port in (Port.ROWS, Port.COLUMNS):
            return at_array(tap, calls, value, noted)
        return calls, at_neurons(tap, value), None

    return act


def into_rows(params: NetworkParams, converters: Converters, tap: Tap, value: Array) -> Array:
    """Returns what drives the cells of an array in place of its inputs [input units]."""
    if tap.number in converters.centre:
        value = value - tap.for_all_samples(converters.centre[tap.number])
    value = of_array(converters.dac, tap.number)(value) if converters.dac else value
    return curved(params, converters.full_input, tap.number, value)


def _fresh(
    keys: Key[Array, " samples"], tap: Tap, number: Count, shape: tuple[int, ...]
) -> Float[Array, "*shape"]:
    """Returns standard normals for one call; no two numbers of calls share a draw."""
    own = jax.vmap(lambda key: jax.random.fold_in(key, number))(keys)
    if tap.axis is None:
        return normal(own[0], shape)
    one = tap.without_samples(shape)
    return jax.vmap(lambda key: normal(key, one), out_axes=tap.axis)(own)
