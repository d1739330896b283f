"""What somebody meant who wrote a name that there is not."""

import difflib
from collections.abc import Iterable


def suggestion(name: str, known: Iterable[str], before: str = "") -> str:
    """Returns the end of a complaint: the nearest name that there is; "": none is near.

    Args:
        name: What was written.
        known: The names that there are.
        before: What stands before a name where it is written.

    Example:
        >>> suggestion("bus.cost_nois", ["bus.cost_noise", "seed"])
        '; did you mean bus.cost_noise?'
    """
    every = list(known)
    # Without its section a name is written as often as with it.
    by_end = {one.rpartition(".")[2]: one for one in reversed(every)}
    near = difflib.get_close_matches(name, every, 1, 0.75)
    near = near or [by_end[one] for one in difflib.get_close_matches(name, by_end, 1, 0.75)]
    return f"; did you mean {before}{near[0]}?" if near else ""
