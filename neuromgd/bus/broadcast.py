"""The broadcast: what all synapses hear of one cost change."""

from jaxtyping import Array, Float

from neuromgd.bus.meter import BusParams
from neuromgd.converter import quantise


def broadcast(
    params: BusParams, delta: Float[Array, ""], delta_range: Float[Array, ""] | None
) -> Float[Array, ""]:
    """Returns the ΔC that arrives at the synapses [cost].

    Args:
        params: Gives the resolution of the converter.
        delta: Mean cost change that the meter gave [cost].
        delta_range: Full scale of the converter of this chip [cost].
    """
    if params.delta_top is None or delta_range is None:
        return delta
    return quantise(delta, delta_range, params.delta_top)
