"""What a kick of rows times columns adds to the output of an array, without the kick itself.

x @ (r cᵀ) = (x·r) cᵀ: every sample can have a kick of its own, at the price of a few vectors.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import linen as nn
from jaxtyping import Array, Float

from neuromgd.typing import Factors


class Spread(NamedTuple):
    """How the cells of one physical array carry out a kick s: as s·gain + |s|·asymmetry.

    Attributes:
        gain: (*array) [1]; None: 1.
        asymmetry: (*array) [1]; None: 0.
    """

    gain: Float[Array, "*array"] | None = None
    asymmetry: Float[Array, "*array"] | None = None


def added_output(
    module: nn.Module, x: Array, kicks: dict[str, Factors], spreads: dict[str, Spread], sign: float
) -> Array:
    """Returns what the kicks add to the output of one ``nn.Dense`` or ``nn.Conv`` [1/kick].

    Args:
        module: The array.
        x: (samples, …) its input.
        kicks: Of its ``kernel`` and ``bias``, one kick a sample.
        spreads: How its cells carry them out.
        sign: 1, or −1 for the opposite kick.
    """
    kernel, spread = kicks["kernel"], spreads["kernel"]
    if isinstance(module, nn.Conv):
        y = _convolved(module, x, kernel, spread, sign)
    else:
        y = _multiplied(x, kernel, spread, sign)
    if "bias" in kicks:
        bias, spread = kicks["bias"].columns, spreads["bias"]
        kick = sign * bias if spread.gain is None else sign * bias * spread.gain[None]
        if spread.asymmetry is not None:
            kick = kick + spread.asymmetry[None]
        y = y + jnp.expand_dims(kick, tuple(range(1, y.ndim - 1)))
    return y


def _multiplied(x: Array, kernel: Factors, spread: Spread, sign: float) -> Array:
    flat = x.reshape(len(x), -1, x.shape[-1])
    driven = sign * flat * kernel.rows[:, None]
    if spread.gain is None:
        driven = jnp.sum(driven, axis=-1, keepdims=True)
    else:
        driven = driven @ spread.gain
    y = driven * kernel.columns[:, None]
    if spread.asymmetry is not None:
        y = y + flat @ spread.asymmetry
    return y.reshape(*x.shape[:-1], -1)


def _convolved(module: nn.Conv, x: Array, kernel: Factors, spread: Spread, sign: float) -> Array:
    groups = module.feature_group_count
    size = module.kernel_size
    size = (size,) if isinstance(size, int) else tuple(size)
    shape = (*size, x.shape[-1] // groups, module.features)

    def convolve(features: int, x: Array, kernel: Array) -> Any:
        own = module.clone(features=features, use_bias=False, parent=None)
        return jax.vmap(lambda x, k: own.apply({"params": {"kernel": k}}, x[None])[0])(x, kernel)

    if spread.gain is None and spread.asymmetry is None:
        # All outputs of a group see one kick but for its sign.
        rows = jnp.repeat(kernel.rows[..., None], groups, axis=-1)
        y = convolve(groups, x, sign * rows.reshape(-1, *shape[:-1], groups))
        y = jnp.repeat(y, module.features // groups, axis=-1)
        return y * jnp.expand_dims(kernel.columns, tuple(range(1, y.ndim - 1)))
    kick = sign * kernel.dense().reshape(-1, *shape)
    if spread.gain is not None:
        kick = kick * spread.gain[None]
    if spread.asymmetry is not None:
        kick = kick + spread.asymmetry[None]
    return convolve(module.features, x, kick)
