"""A shift register with feedback: how many steps take it where, and which taps let it run longest.

The new bit is the sum (exclusive or) of the cells that are fed back, cell 0 the newest.

References:
    Golomb, Shift Register Sequences (1967): the longest period, and its polynomials.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import UInt32

from neuromgd.errors import InputError


@lru_cache(maxsize=64)
def steps(bits: int, taps: int) -> UInt32[np.ndarray, "bits bits"]:
    """Returns 1, 2, 4, … steps of a register: (power, cell) -> the cells that add up to it."""
    one = [taps, *(1 << cell for cell in range(bits - 1))]
    powers = [one]
    for _ in range(bits - 1):
        powers.append([_added(powers[-1], row) for row in powers[-1]])
    return np.asarray(powers, np.uint32)


def _added(rows: list[int], mask: int) -> int:
    """Returns the sum (exclusive or) of the rows in a mask."""
    total = 0
    for place, row in enumerate(rows):
        total ^= row if mask >> place & 1 else 0
    return total


@lru_cache(maxsize=64)
def checked(bits: int, taps: int) -> int:
    """Returns the taps, or the least that run through all states; refuses others."""
    if taps == 0:
        # The oldest cell has to be fed back, else it is none.
        return next(one for one in range(1 << (bits - 1), 1 << bits) if is_maximal(bits, one))
    if not is_maximal(bits, taps):
        raise InputError(
            f"option synapse.register_taps = {taps}: a register of {bits} bits with these does not"
            f" run through all {(1 << bits) - 1} states but zero; 0 takes taps that do"
        )
    return taps


def is_maximal(bits: int, taps: int) -> bool:
    """Tells whether a register runs through all states but zero.

    That is so if x has the order 2^m − 1 modulo x^m + Σ taps_j x^(m−1−j), with coefficients mod 2.
    """
    if not taps >> (bits - 1) & 1 or taps >> bits:
        return False
    modulus = 1 << bits
    for cell in range(bits):
        modulus |= (taps >> cell & 1) << (bits - 1 - cell)
    order = (1 << bits) - 1
    if _power_of_x(order, modulus, bits) != 1:
        return False
    return all(_power_of_x(order // prime, modulus, bits) != 1 for prime in _primes(order))


def _power_of_x(exponent: int, modulus: int, bits: int) -> int:
    result, base = 1, 2 if bits > 1 else 2 ^ modulus
    while exponent:
        if exponent & 1:
            result = _product(result, base, modulus, bits)
        base, exponent = _product(base, base, modulus, bits), exponent >> 1
    return result


def _product(one: int, other: int, modulus: int, bits: int) -> int:
    total = 0
    while other:
        total ^= one if other & 1 else 0
        one, other = one << 1, other >> 1
        one ^= modulus if one >> bits & 1 else 0
    return total


def _primes(number: int) -> list[int]:
    found, divisor = [], 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            found.append(divisor)
            while number % divisor == 0:
                number //= divisor
        divisor += 1
    return found + ([number] if number > 1 else [])
