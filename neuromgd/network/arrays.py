"""The physical arrays of a network: each is known by the path of its module, however often called.

The calls of Flax modules are intercepted, so a network is written without knowing that it will run
on a chip.
"""

from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array

from neuromgd.network.network import Network
from neuromgd.network.neurons import Neurons
from neuromgd.typing import Arrays

# Modules that multiply what drives them by the cells of one array.
ARRAYS = (
    nn.Dense, nn.DenseGeneral, nn.Einsum, nn.Conv, nn.ConvLocal, nn.ConvTranspose, nn.Embed,
)  # fmt: skip

# An embedding is read from either side: a row of it by its number, or all rows at once.
_READS = {"__call__": "inputs", "attend": "query"}

# Ends the name of what stands beside a weight: of what a reading has alone, and with another one.
OWN, SHARED = " (deviation)", " (shared deviation)"

# What is traced under another number is traced anew: JAX keeps the traces of jitted functions, and
# one kept from before would hold the calls of before.
_trace = jax.make_user_context(0)
_traces = count(1)


class Call(NamedTuple):
    """One call of an array.

    Attributes:
        number: Of the array, in the order of first calls; its other side counts as another.
        module: The array.
        method: How it is called.
        ideal: What drives it -> what it gives, without periphery.
        options: Of this call, beside what drives the array.
    """

    number: int
    module: nn.Module
    method: str
    ideal: Callable[[Array], Array]
    options: dict[str, Any]

    @property
    def is_driven(self) -> bool:
        """Whether signals drive it; else it is given the numbers of its rows."""
        return not isinstance(self.module, nn.Embed) or self.method == "attend"


# (the call, what drives the array) -> what it gives.
OnCall = Callable[[Call, Array], Array]

# (number of the layer, its ideal activation, its input) -> its output.
OnNeurons = Callable[[int, Callable[[Array], Array], Array], Array]


def through(
    network: Network,
    theta: Arrays,
    x: Array,
    call: OnCall,
    fire: OnNeurons | None = None,
    is_jitted: bool = False,
) -> Array:
    """Runs the network with every array, and every layer of neurons, replaced by a call.

    Args:
        network: Forward pass.
        theta: Arrays of weights.
        x: (samples, *input).
        call: What happens at a call of an array.
        fire: What happens at a layer of neurons; None: its activation.
        is_jitted: Whether it calls arrays inside functions that it compiles by itself.
    """
    arrays: dict[tuple[tuple[str, ...], str], int] = {}
    layers: dict[tuple[str, ...], int] = {}
    is_inside = False

    def intercept(function: Callable, args: tuple, kwargs: dict, context: Any) -> Any:
        nonlocal is_inside
        module, method = context.module, context.method_name
        if is_inside or method not in _READS:
            return function(*args, **kwargs)
        if isinstance(module, Neurons) and fire is not None:
            return fire(layers.setdefault(module.path, len(layers)), function, args[0])
        if isinstance(module, nn.OptimizedLSTMCell):
            return _in_arrays(module)(*args, **kwargs)
        if not isinstance(module, ARRAYS):
            return function(*args, **kwargs)
        names = (_READS[method], "einsum_str")
        options = dict(zip(names, args, strict=False)) | kwargs
        x = options.pop(_READS[method])
        ideal = lambda x: function(x, **options)
        number = arrays.setdefault((module.path, method), len(arrays))
        is_inside = True
        try:
            return call(Call(number, module, method, ideal, options), x)
        finally:
            is_inside = False

    with nn.intercept_methods(intercept), _trace(next(_traces) if is_jitted else 0):
        return network.apply(theta, x)


def _in_arrays(cell: nn.OptimizedLSTMCell) -> nn.LSTMCell:
    """Returns the cell with one module for each of its arrays, where it joins them into two."""
    fields = nn.LSTMCell.__dataclass_fields__
    own = {name: getattr(cell, name) for name in fields if name not in ("parent", "name")}
    scope: Any = cell.scope
    return nn.LSTMCell(**own, parent=scope)


def sees_whole(module: nn.Module, theta: Arrays) -> bool:
    """Tells whether an array is all of the weights at its path, not one of several in a stack."""
    own = theta
    for name in module.path:
        if name not in own:
            return False
        own = own[name]
    return all(jnp.shape(own.get(name)) == w.shape for name, w in weights_of(module).items())


def beside(theta: Arrays, deviation: Arrays, which: str = OWN) -> Arrays:
    """Returns the weights with the σ of one reading of each beside it, under a name of its own.

    What a network makes of its weights on their way to an array, it makes of these too.
    """
    both = {}
    for name, own in theta.items():
        if hasattr(own, "items"):
            both[name] = beside(own, deviation[name], which) if name in deviation else own
        else:
            both[name] = own
            if name in deviation:
                both[name + which] = deviation[name]
    return both


def weights_of(module: nn.Module, which: str = "") -> dict[str, Array]:
    """Returns the weights of an array as its module sees them, in the scope of its call."""
    return {
        name.removesuffix(which): jnp.asarray(own)
        for name, own in module.variables["params"].items()
        if (name.endswith(which) if which else not name.endswith((OWN, SHARED)))
    }


def deviations_of(module: nn.Module, which: str = OWN) -> dict[str, Array]:
    """Returns the σ of one reading of its weights, if they stand ``beside`` them."""
    return weights_of(module, which)


def power(call: Call, x: Array, y: Array) -> Array:
    """Returns Σ x_j² over the cells that drive one output; a bias is a cell driven by 1.

    Args:
        call: Of the array.
        x: What drives it.
        y: What it gives; the result has as many axes, each of its length or 1.
    """
    module = call.module
    if isinstance(module, nn.Embed):
        if not call.is_driven:
            return jnp.ones((1,) * y.ndim, jnp.float32)
        return jnp.sum(jnp.square(x), axis=-1, keepdims=True)
    if isinstance(module, nn.Dense):
        driven = jnp.sum(jnp.square(x), axis=-1, keepdims=True)
    elif isinstance(module, nn.Conv):
        groups = module.feature_group_count
        ones = module.clone(features=groups, use_bias=False, parent=None)
        size = module.kernel_size
        shape = (*((size,) if isinstance(size, int) else size), x.shape[-1] // groups, groups)
        driven = ones.apply({"params": {"kernel": jnp.ones(shape, jnp.float32)}}, jnp.square(x))
        assert isinstance(driven, jax.Array)
        driven = jnp.repeat(driven, module.features // groups, axis=-1)
    else:
        return squared(call, x, jax.tree.map(jnp.ones_like, weights_of(module)))
    return driven + 1 if module.use_bias else driven


def squared(call: Call, x: Array, squares: dict[str, Array]) -> Array:
    """Returns Σ x_j² s_j for the squares s_j that stand in the places of the cells."""
    # The module is linear in what drives it and in its cells, so squares go through it alike.
    unbound = call.module.clone(parent=None)
    driven = jnp.square(x) if call.is_driven else x
    total = unbound.apply({"params": squares}, driven, method=call.method, **call.options)
    assert isinstance(total, jax.Array)
    return total
