"""The types that signatures speak of."""

from typing import TYPE_CHECKING, Any

from jaxtyping import Array, Int

if TYPE_CHECKING:
    from jax import Array as Leaf
else:
    # Fields are rebuilt by JAX with tracers and None: shapes are checked at functions instead.
    Leaf = Any

# A pytree with one leaf for each physical array of the chip, shaped as that array.
Arrays = Any

# A number of timesteps: a Python integer where it is a shape, traced elsewhere.
Count = int | Int[Array, ""]
