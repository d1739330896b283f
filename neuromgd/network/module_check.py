"""Which Flax modules a chip can run; any other is refused in one line that names the layer."""

from collections.abc import Callable
from inspect import signature
from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn
from flax.errors import InvalidRngError

from neuromgd.errors import InputError


def refuse_module(module: nn.Module, sample: jax.ShapeDtypeStruct) -> None:
    """Raises InputError if no chip can run the module.

    Args:
        module: Takes (samples, *shape).
        sample: Shape and type of one input, with an axis for samples.

    Raises:
        InputError: If it takes more than inputs, keeps more or less than weights, draws random
            numbers, or looks up what is no whole number.
    """
    name, called = type(module).__name__, []
    takes = [p.name for p in signature(module.__call__).parameters.values() if p.default is p.empty]
    if len(takes) != 1:
        raise InputError(
            f"network {name}: takes {', '.join(takes) or 'nothing'}; a chip gives it its inputs"
            " alone, give everything else a default"
        )

    def guard(function: Callable, args: tuple, kwargs: dict, context: Any) -> Any:
        inner = context.module
        where = f"network {name}"
        if inner.path:
            where += f": {'/'.join(inner.path)} ({type(inner).__name__})"
        called.append(where)
        if context.method_name == "__call__" and _is_random(inner, args, kwargs):
            raise InputError(f"{where} {_RANDOM}")
        if context.method_name == "__call__" and isinstance(inner, nn.Embed):
            (x,) = args or kwargs.values()
            if not jnp.issubdtype(x.dtype, jnp.integer):
                raise InputError(
                    f"{where} looks up whole numbers, it is given {x.dtype}; a data set of tokens"
                    " holds integers and has scale None"
                )
        return function(*args, **kwargs)

    with nn.intercept_methods(guard):
        shapes = jax.eval_shape(module.init, jax.random.key(0), sample)
        if set(shapes) != {"params"}:
            others = ", ".join(sorted(set(shapes) - {"params"})) or "none"
            raise InputError(
                f"network {name}: a chip stores weights only (collection 'params'), this module"
                f" also has: {others}"
            )
        try:
            # Nothing random is at hand in a pass, as on a chip.
            jax.eval_shape(module.apply, shapes, sample)
        except InvalidRngError as error:
            raise InputError(f"{called[-1]} {_RANDOM}") from error


_RANDOM = (
    "draws random numbers in a pass; the passes of a chip differ by the kick alone: leave it out,"
    " or make it deterministic"
)


def _is_random(module: nn.Module, args: tuple, kwargs: dict) -> bool:
    if isinstance(module, nn.Dropout):
        told = args[1] if len(args) > 1 else kwargs.get("deterministic")
        rate = module.rate
    else:
        told, rate = kwargs.get("deterministic"), getattr(module, "dropout_rate", 0)
    is_deterministic = getattr(module, "deterministic", None) if told is None else told
    return bool(rate) and hasattr(module, "deterministic") and is_deterministic is not True
