"""What papers print of an analog memory, as quantities of a sheet, and back.

Up and down steps of the linear law are s_up = dw(1 + β)(1 − γ_up w) and s_down = dw(1 − β)(1 +
γ_down w) on a window −1 … 1. At the symmetry point w* both are equal,

    (1 + β)/(1 − β) = (1 + γ_down w*)/(1 − γ_up w*),

and the number of states there is the window over that step, N = 2/s(w*).

References:
    Gokmen and Haensch, Front. Neurosci. 14, 103 (2020): the symmetry point.
"""

from typing import NamedTuple

from neuromgd.errors import InputError


class Printed(NamedTuple):
    """What papers print.

    Attributes:
        symmetry_point: Weight w* at which steps up and down are equal [w.u.].
        states: N, window over the step at w* [1].
        on_off_ratio: Highest over lowest conductance [1]; None: not told.
    """

    symmetry_point: float
    states: float
    on_off_ratio: float | None = None


def quantities(
    printed: Printed,
    nonlinearity: tuple[float, float] = (1.0, 1.0),
    conductance_max: float | None = None,
) -> dict[str, float]:
    """Returns quantities of a sheet of the linear law with the window −1 … 1.

    Args:
        printed: What the paper prints.
        nonlinearity: γ up and down; 1: soft bounds, where steps vanish at the bounds.
        conductance_max: Highest conductance, with the on/off ratio [any unit].

    Returns:
        ``update_step`` [w.u.], ``update_asymmetry``, both γ, and both conductances in the unit of
        ``conductance_max`` where it is given.

    Raises:
        InputError: If no cell has such numbers.

    Example:
        >>> found = quantities(Printed(symmetry_point=0.0, states=20.0))
        >>> found["update_step"], found["update_asymmetry"]
        (0.1, 0.0)
    """
    point, (up, down) = printed.symmetry_point, nonlinearity
    for name, value in (("nonlinearity up", up), ("nonlinearity down", down)):
        if not 0 <= value <= 1:
            raise InputError(f"{name} = {value}: 0 to 1")
    if not -1 < point < 1:
        raise InputError(f"symmetry point = {point}: inside the window, -1 to 1")
    if not 1 <= printed.states < 1e12:
        raise InputError(f"states = {printed.states}: 1 to 1e12")
    rise, fall = 1 - up * point, 1 + down * point
    # Of β only the ratio of both steps is told, of dw their size at the symmetry point.
    asymmetry = (fall - rise) / (fall + rise)
    numbers = {
        "update_step": 2 / printed.states / ((1 + asymmetry) * rise),
        "update_asymmetry": asymmetry,
        "nonlinearity_up": up,
        "nonlinearity_down": down,
    }
    if conductance_max is None:
        return numbers
    if printed.on_off_ratio is None or not printed.on_off_ratio > 1:
        raise InputError(f"on/off ratio = {printed.on_off_ratio}: above 1")
    lowest = conductance_max / printed.on_off_ratio
    return numbers | {"conductance_min": lowest, "conductance_max": conductance_max}


def printed(numbers: dict[str, float]) -> Printed:
    """Returns what a paper would print of a cell of the linear law.

    Args:
        numbers: As ``quantities`` gives them.

    Raises:
        InputError: If both steps are equal nowhere in the window.
    """
    up, down = numbers.get("nonlinearity_up", 0.0), numbers.get("nonlinearity_down", 0.0)
    asymmetry, step = numbers.get("update_asymmetry", 0.0), numbers["update_step"]
    slope = (1 + asymmetry) * up + (1 - asymmetry) * down
    if slope == 0 and asymmetry == 0:
        point = 0.0
    elif slope == 0 or not abs(2 * asymmetry / slope) < 1:
        raise InputError("steps up and down are equal nowhere in the window")
    else:
        point = 2 * asymmetry / slope
    states = 2 / (step * (1 + asymmetry) * (1 - up * point))
    ratio = None
    if numbers.get("conductance_min", 0.0) > 0:
        ratio = numbers["conductance_max"] / numbers["conductance_min"]
    return Printed(point, states, ratio)


def weight_of(conductance: float, lowest: float, highest: float) -> float:
    """Returns the weight at a conductance: −1 at the lowest, +1 at the highest.

    Raises:
        InputError: If the highest is not above the lowest.
    """
    if not highest > lowest:
        raise InputError(f"highest conductance {highest}: must be above the lowest, {lowest}")
    return -1 + 2 * (conductance - lowest) / (highest - lowest)
