"""Neurons behind an array, as places for a kick: what comes out of the array is shifted by it.

The shift is added to the current of a column, in front of noise and converter. An array that is
called at many positions (a convolution) has its columns shifted anew at every one.
"""

import math
from collections.abc import Callable
from functools import lru_cache, reduce
from operator import getitem
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from neuromgd.network.arrays import Call, sees_whole, through, weights_of
from neuromgd.network.network import Network
from neuromgd.network.neurons import is_rectifier
from neuromgd.network.survey import Survey, survey
from neuromgd.network.taps import Port, Tap, calls, straight, tapped
from neuromgd.typing import Arrays

# Why neurons are unfit whose array is cut out of weights that it shares.
IN_STACK = "is one of several in a stack of weights"


class Nodes(NamedTuple):
    """The neurons behind one array.

    Attributes:
        number: Of the array, in the order of first calls.
        path: Of its module.
        shape: Of what it gives for one sample: (*positions, columns).
        rows: Shape of what drives it for one sample.
        module: The array, bound to no weights.
        method: How it is called.
        options: Of its call, beside what drives it.
        rectified: Layer of the rectifiers (relu) that take all it gives; None: others do.
        unfit: Why a kick behind it would teach its synapses nothing right; None: it would.
    """

    number: int
    path: tuple[str, ...]
    shape: tuple[int, ...]
    rows: tuple[int, ...]
    module: nn.Module
    method: str
    options: tuple[tuple[str, Any], ...]
    unfit: str | None
    rectified: int | None = None

    @property
    def name(self) -> str:
        """What the array is called."""
        return "/".join(self.path)

    def of(self, theta: Arrays) -> Any:
        """Returns what a pytree of arrays holds for this one."""
        return reduce(getitem, self.path, theta)

    def traces(
        self, theta: Arrays, x: Float[Array, "samples ..."], kick: Float[Array, "samples ..."]
    ) -> dict[str, Array]:
        """Returns Σ ξ_j·x_i over samples and positions for every weight of the network.

        That is what each cell sees by itself: what drives its row, and the kick of its column. A
        bias is a cell that is driven by 1.

        Args:
            theta: Arrays of weights, for their shapes.
            x: (samples, …) what drives the array.
            kick: (samples, *shape) kicks ξ of its neurons.
        """
        given = lambda own: self.module.apply(
            {"params": own}, x, method=self.method, **dict(self.options)
        )
        # Linear in the cells, so what stands in them does not matter.
        _, outer = jax.vjp(given, jax.tree.map(jnp.zeros_like, self.of(theta)))
        return outer(kick)[0]


@lru_cache(maxsize=64)
def nodes(network: Network) -> tuple[Nodes, ...]:
    """Returns the neurons behind every array of a network that tells the shape of its inputs."""
    assert network.inputs is not None
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    x = jax.ShapeDtypeStruct((1, *network.inputs), network.dtype)
    found: dict[int, Nodes] = {}

    def note(call: Call, x: Array) -> Array:
        y = call.ideal(x)
        found.setdefault(call.number, _behind(call, x, y, theta))
        return tapped(Tap(Port.COLUMNS, call.number), y)

    def fire(layer: int, activation: Callable[[Array], Array], x: Array) -> Array:
        tapped_in = tapped(Tap(Port.NEURONS_IN, layer), x)
        if is_rectifier(activation):
            rectifiers.add(layer)
        return activation(tapped_in)

    rectifiers: set[int] = set()
    whole = lambda theta, x: through(network, theta, x, note, fire, is_jitted=True)
    trace = jax.make_jaxpr(whole)(theta, x).jaxpr
    count, ends = calls(trace), straight(trace)
    seen = survey(network, network.inputs, network.dtype)
    layer_of = {array: layer for array, layer in ends.items() if layer in rectifiers}
    return tuple(
        one._replace(
            unfit=one.unfit or _why_unfit(seen, one, count.get(one.number, 0)),
            rectified=layer_of.get(one.number),
        )
        for one in (found[number] for number in sorted(found))
    )


def _behind(call: Call, x: Array, y: Array, theta: Arrays) -> Nodes:
    unfit = None
    if not call.is_driven:
        unfit = "is given the numbers of its rows, not signals"
    elif not sees_whole(call.module, theta):
        unfit = IN_STACK
    elif set(weights_of(call.module)) != set(reduce(getitem, call.module.path, theta)):
        unfit = "shares its place with other weights"
    own, options = call.module.clone(parent=None), tuple(call.options.items())
    shapes = y.shape[1:], x.shape[1:]
    return Nodes(call.number, call.module.path, *shapes, own, call.method, options, unfit)


def _why_unfit(seen: Survey, one: Nodes, calls: float) -> str | None:
    if not seen.has_samples_first:
        return "does not have the samples along its first axis"
    if calls != 1:
        often = f"{calls:g} times" if math.isfinite(calls) else "in a loop"
        return f"is called {often} in a pass"
    loose = [name for name in seen.loose if name.rpartition("/")[0] == one.name]
    return f"is read outside of its calls too ({loose[0]})" if loose else None
