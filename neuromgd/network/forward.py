"""The forward pass through arrays: converters and noise at every Dense and Conv of any module.

The calls of a Flax module are intercepted, so the module itself is written without knowing that it
will run on a chip.
"""

from collections.abc import Callable
from functools import reduce
from operator import getitem
from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float, Key

from neuromgd.network.converters import Converters, of_array
from neuromgd.network.crossbar import effective
from neuromgd.network.network import Network
from neuromgd.network.neurons import Neurons, defective
from neuromgd.network.params import NetworkParams, Ranges
from neuromgd.randomness import normal
from neuromgd.typing import Arrays

# (number of the array, its module, its ideal function, its input) -> its output.
ArrayCall = Callable[[int, nn.Module, Callable[[Array], Array], Array], Array]

# (number of the layer, its ideal activation, its input) -> its output.
NeuronCall = Callable[[int, Callable[[Array], Array], Array], Array]

# (its module, its input) -> what is added to the output of an array.
Extra = Callable[[nn.Module, Array], Array]

# (its module, its ideal function, its input) -> its output, computed in another way.
Product = Callable[[nn.Module, Callable[[Array], Array], Array], Array]


def forward(
    network: Network,
    params: NetworkParams,
    converters: Converters,
    theta: Arrays,
    x: Float[Array, "samples *input"],
    keys: Key[Array, " samples"],
    deviation: Arrays | None = None,
    extra: Extra | None = None,
    product: Product | None = None,
    chip_key: Key[Array, ""] | None = None,
) -> Float[Array, "samples *output"]:
    """Runs samples through the arrays of a chip.

    Args:
        network: Forward pass; its arrays are its ``nn.Dense`` and ``nn.Conv`` modules.
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
    """
    theta = effective(params, theta)
    if params.is_ideal and extra is None and product is None:
        return network.apply(theta, x)

    def call(number: int, module: nn.Module, array: Callable[[Array], Array], x: Array) -> Array:
        if converters.dac:
            x = of_array(converters.dac, number)(x)
        y = array(x) if product is None else product(module, array, x)
        if extra is not None:
            y = y + extra(module, x)
        if params.is_noisy:
            own = jax.vmap(lambda key: jax.random.fold_in(key, number))(keys)
            fresh = jax.vmap(lambda key: normal(key, y.shape[1:]))(own)
            y = y + _deviation(params, module, x, deviation) * fresh
        if converters.adc:
            y = of_array(converters.adc, number)(y)
        return y

    def fire(layer: int, activation: Callable[[Array], Array], x: Array) -> Array:
        if params.activation_defects is None or chip_key is None:
            return activation(x)
        return defective(activation, params.activation_defects, chip_key, layer, x)

    return through(network, theta, x, call, fire)


def through(
    network: Network, theta: Arrays, x: Array, call: ArrayCall, fire: NeuronCall | None = None
) -> Array:
    """Runs the network with every array, and every layer of neurons, replaced by a call."""
    count, layers, is_inside = 0, 0, False

    def intercept(function: Callable, args: tuple, kwargs: dict, context: Any) -> Any:
        nonlocal count, layers, is_inside
        if isinstance(context.module, Neurons) and fire is not None and not is_inside:
            layer, layers = layers, layers + 1
            return fire(layer, function, args[0])
        is_array = isinstance(context.module, nn.Dense | nn.Conv)
        if is_inside or not is_array or context.method_name != "__call__":
            return function(*args, **kwargs)
        number, count, is_inside = count, count + 1, True
        output = call(number, context.module, function, args[0])
        is_inside = False
        return output

    with nn.intercept_methods(intercept):
        return network.apply(theta, x)


def is_all_arrays(network: Network, theta: Arrays, x: Float[Array, "samples *input"]) -> bool:
    """Tells whether every weight is in an array whose calls can be intercepted."""
    seen: set[tuple[str, ...]] = set()

    def note(number: int, module: nn.Module, array: Callable[[Array], Array], x: Array) -> Array:
        del number
        seen.update((*module.path, name) for name in reduce(getitem, module.path, theta))
        return array(x)

    jax.eval_shape(lambda theta, x: through(network, theta, x, note), theta, x)
    paths, _ = jax.tree.flatten_with_path(theta)
    names = {tuple(getattr(part, "key", part) for part in path) for path, _ in paths}
    return names == seen


def layers_of_neurons(network: Network, theta: Arrays, x: Array | jax.ShapeDtypeStruct) -> int:
    """Returns how many layers of ``Neurons`` the network has."""
    count = 0

    def note(layer: int, activation: Callable[[Array], Array], x: Array) -> Array:
        nonlocal count
        count = layer + 1
        return activation(x)

    ideal: ArrayCall = lambda number, module, array, x: array(x)
    jax.eval_shape(lambda theta, x: through(network, theta, x, ideal, note), theta, x)
    return count


def observed_ranges(network: Network, theta: Arrays, x: Float[Array, "samples *input"]) -> Ranges:
    """Returns the largest magnitudes that go into and come out of every array [their units]."""
    into, out = [], []

    def watch(number: int, module: nn.Module, array: Callable[[Array], Array], x: Array) -> Array:
        del number, module
        y = array(x)
        into.append(jnp.max(jnp.abs(x)))
        out.append(jnp.max(jnp.abs(y)))
        return y

    through(network, theta, x, watch)
    return Ranges(dac=jnp.asarray(into, jnp.float32), adc=jnp.asarray(out, jnp.float32))


def saturated_share(
    network: Network,
    params: NetworkParams,
    converters: Converters,
    theta: Arrays,
    x: Float[Array, "samples *input"],
) -> Float[Array, ""]:
    """Returns the share of the arrays' outputs that reach the full scale of their converters."""
    over, count = [], 0

    def watch(number: int, module: nn.Module, array: Callable[[Array], Array], x: Array) -> Array:
        nonlocal count
        del module
        y = array(x)
        if converters.adc:
            over.append(jnp.sum(of_array(converters.adc, number).is_over(y)))
            count += y.size
        return y

    through(network, effective(params, theta), x, watch)
    return jnp.sum(jnp.asarray(over)).astype(jnp.float32) / max(count, 1)


def _deviation(
    params: NetworkParams, module: nn.Module, x: Array, deviation: Arrays | None
) -> Array:
    """Returns the σ of fresh noise on the outputs of one array, for every sample.

    Noise of every weight adds Σ x_j ξ_j to an output, which is normal with variance σ² Σ x_j²: the
    same distribution, without a draw for every weight and sample.
    """
    variance = jnp.zeros((1,) * x.ndim, jnp.float32)
    if params.output_noise is not None:
        variance = variance + params.output_noise**2
    if params.read_noise is not None:
        variance = variance + params.read_noise**2 * power(module, x)
    if deviation is not None and params.weight_scale is not None:
        own = reduce(getitem, module.path, deviation)
        squares = jax.tree.map(lambda sigma: jnp.square(params.weight_scale * sigma), own)
        driven = module.clone(parent=None).apply({"params": squares}, jnp.square(x))
        assert isinstance(driven, jax.Array)
        variance = variance + driven
    return jnp.sqrt(variance)


def power(module: nn.Module, x: Array) -> Array:
    """Returns Σ x_j² over the cells that drive one output; a bias is a cell driven by 1."""
    if isinstance(module, nn.Conv):
        groups = module.feature_group_count
        ones = module.clone(features=groups, use_bias=False, parent=None)
        size = module.kernel_size
        shape = (*((size,) if isinstance(size, int) else size), x.shape[-1] // groups, groups)
        driven = ones.apply({"params": {"kernel": jnp.ones(shape, jnp.float32)}}, jnp.square(x))
        assert isinstance(driven, jax.Array)
        driven = jnp.repeat(driven, module.features // groups, axis=-1)
    else:
        driven = jnp.sum(jnp.square(x), axis=-1, keepdims=True)
    return driven + 1 if getattr(module, "use_bias", False) else driven
