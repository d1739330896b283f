"""The last array of a network, where its columns are the outputs behind their activation alone."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.extend.core import Literal
from jaxtyping import Array

from neuromgd.errors import InputError
from neuromgd.network.arrays import Call, through
from neuromgd.network.network import Network
from neuromgd.network.nodes import Nodes, nodes
from neuromgd.network.taps import Port, Tap, tapped


class Readout(NamedTuple):
    """The last array, and the neurons that turn its currents into outputs.

    Attributes:
        array: It.
        layer: Of its neurons; None: its currents are the outputs.
        activation: Of these neurons.
    """

    array: Nodes
    layer: int | None = None
    activation: Callable[[Array], Array] | None = None


@lru_cache(maxsize=64)
def readout(network: Network) -> Readout:
    """Returns the readout of a network that tells the shape of its inputs.

    Raises:
        InputError: If an output depends on its last array in another way than by one column.
    """
    last = nodes(network)[-1]
    if last.unfit is not None:
        raise InputError(
            f"option learning.mode: the last array {last.name} {last.unfit}; it cannot learn by a"
            " delta rule"
        )
    number, layer, activation = _end(network)
    if number != last.number or (activation is not None and not _is_elementwise(activation)):
        raise InputError(
            "option learning.mode: the outputs of the network are not the columns of its last"
            f" array {last.name}, each behind its own activation; for a delta rule they have no"
            " errors of their own"
        )
    return Readout(last, layer, activation)


def _end(network: Network) -> tuple[int | None, int | None, Callable[[Array], Array] | None]:
    """Returns the array that outputs come out of, the layer behind it, and its activation."""
    activations: dict[int, Callable[[Array], Array]] = {}

    def note(call: Call, x: Array) -> Array:
        return tapped(Tap(Port.COLUMNS, call.number), call.ideal(x))

    def fire(layer: int, activation: Callable[[Array], Array], x: Array) -> Array:
        activations[layer] = activation
        y = activation(tapped(Tap(Port.NEURONS_IN, layer), x))
        return tapped(Tap(Port.NEURONS_OUT, layer), y)

    whole = lambda theta, x: through(network, theta, x, note, fire, is_jitted=True)
    assert network.inputs is not None, "its arrays were named"
    theta = jax.eval_shape(network.initialise, jax.random.key(0))
    x = jax.ShapeDtypeStruct((1, *network.inputs), network.dtype)
    jaxpr = jax.make_jaxpr(whole)(theta, x).jaxpr
    taps = [one for one in jaxpr.eqns if "tap" in one.params]
    made = {one.outvars[0]: one for one in taps}
    told = {(one.params["tap"].port, one.params["tap"].number): one for one in taps}
    origin = lambda atom: None if isinstance(atom, Literal) else made.get(atom)
    end, layer = origin(jaxpr.outvars[0]) if len(jaxpr.outvars) == 1 else None, None
    if end is not None and end.params["tap"].port is Port.NEURONS_OUT:
        layer = end.params["tap"].number
        end = origin(told[Port.NEURONS_IN, layer].invars[0])
    if end is None or end.params["tap"].port is not Port.COLUMNS:
        return None, None, None
    return end.params["tap"].number, layer, None if layer is None else activations[layer]


def _is_elementwise(activation: Callable[[Array], Array]) -> bool:
    """Tells whether every neuron goes by its own current alone."""
    with jax.ensure_compile_time_eval():
        slope = jax.jacobian(activation)(jnp.linspace(-1.0, 1.0, 3))
        return slope.shape == (3, 3) and not bool(jnp.any(slope - jnp.diag(jnp.diag(slope))))
