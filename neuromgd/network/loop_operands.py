"""What goes into a loop of a trace: constants, then states, then what is cut into turns."""

from jax.extend.core import JaxprEqn


def loop_operands(equation: JaxprEqn) -> tuple[int, int]:
    """Returns how many operands of a loop are constants, and how many are states.

    It is told from their axes, of which what is cut into turns, or stacked from them, has one
    more outside the loop: the parameters that JAX keeps of it have other names in every year.

    Args:
        equation: Of ``jax.lax.scan``.
    """
    body = equation.params["jaxpr"].jaxpr
    axes = lambda atoms: [len(atom.aval.shape) for atom in atoms]
    alike = lambda outside, inside: sum(map(int.__eq__, axes(outside), axes(inside)))
    states = alike(equation.outvars, body.outvars)
    return alike(equation.invars, body.invars) - states, states
