"""The types that signatures speak of."""

from typing import TYPE_CHECKING, Any, NamedTuple

from jaxtyping import Array, Float, Int

if TYPE_CHECKING:
    from jax import Array as Leaf
else:
    # Fields are rebuilt by JAX with tracers and None: shapes are checked at functions instead.
    Leaf = Any

# A pytree with one leaf for each physical array of the chip, shaped as that array.
Arrays = Any

# A number of timesteps: a Python integer where it is a shape, traced elsewhere.
Count = int | Int[Array, ""]


class Factors(NamedTuple):
    """Patterns r_i·c_j of one physical array, its leading axes taken together as rows.

    Attributes:
        rows: (patterns, rows) r.
        columns: (patterns, columns) c.
        across: (rows, patterns) r again: to turn it round costs more than to unpack it twice.
    """

    rows: Float[Array, "patterns rows"]
    columns: Float[Array, "patterns columns"]
    across: Float[Array, "rows patterns"]

    def dense(self) -> Float[Array, "patterns rows columns"]:
        """Returns the patterns themselves."""
        return self.rows[:, :, None] * self.columns[:, None, :]
