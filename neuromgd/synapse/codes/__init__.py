"""The perturbation codes by name."""

from neuromgd import names
from neuromgd.errors import InputError
from neuromgd.numbers import CODE_NUMBERS, chosen
from neuromgd.registry import Registry
from neuromgd.synapse.codes.code import Code

CODES: Registry[Code] = Registry(names.CODES)


def code(name: str, **numbers: float | int | None) -> Code:
    """Returns a code, with the numbers that are given and the defaults of the others.

    Args:
        name: One of ``CODES``.
        numbers: Those of ``neuromgd.numbers.CODE_NUMBERS`` that name it; None: the default.

    Raises:
        InputError: If a number is not the code's, or out of its range.
    """
    own = chosen(CODE_NUMBERS, name, numbers)
    for key, given in numbers.items():
        if given is not None and key not in own:
            raise InputError(f"code {name!r}: takes no {key}; its numbers are {[*own]}")
    for key, value in own.items():
        low, high = CODE_NUMBERS[key].limits
        if not low <= value <= high:
            raise InputError(f"code {name!r}: {key} = {value}, allowed are {low:g} to {high:g}")
        own[key] = int(value) if CODE_NUMBERS[key].is_whole else float(value)
    member = CODES[name]
    return member.made(**own) if member.made else member
