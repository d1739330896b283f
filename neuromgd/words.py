"""Choices that are words: each a type that refuses a word it does not know."""

from enum import StrEnum
from typing import Any

from neuromgd.errors import InputError


class Word(StrEnum):
    """A choice between words; a string that is none of them is refused."""

    @classmethod
    def _missing_(cls, value: object) -> Any:
        raise InputError(f"{cls.__name__}: read {value!r}, there are {', '.join(cls)}")


class Broadcast(Word):
    """When ΔC is sent: once for every perturbation, or at every timestep."""

    PERTURBATION = "perturbation"
    TIMESTEP = "timestep"


class StepNormalisation(Word):
    """Whether the mean update is η‖∇C‖ long: counted over the chip, or for every array alone."""

    LENGTH = "length"
    ARRAY = "array"
    NONE = "none"


class Gate(Word):
    """Who is kicked: all, or where the neuron is on (post), or the input is not 0 (pre)."""

    NONE = "none"
    POST = "post"
    PRE = "pre"
    PRE_POST = "pre,post"


class CostDifference(Word):
    """A finite difference, as hardware takes it, or its limit Δθ → 0."""

    FINITE = "finite"
    EXACT = "exact"


class Rounding(Word):
    """How a number becomes whole: without bias, or to the nearest."""

    STOCHASTIC = "stochastic"
    NEAREST = "nearest"


class PerturbationElement(Word):
    """What is kicked: an element beside the memory cell, or the cell, by writing it and back."""

    VOLATILE = "volatile"
    CELL = "cell"


class Joining(Word):
    """How two spreads of one step come together: a factor each, or added."""

    PRODUCT = "product"
    SUM = "sum"


class Draws(Word):
    """Whether two numbers of one cell are off by one draw, or by one each."""

    COMMON = "common"
    INDEPENDENT = "independent"


class Bound(Word):
    """Whose bound is meant: that of each cell, or that of the mean cell."""

    OWN = "own"
    MEAN = "mean"


class Kernel(Word):
    """How dense passes run: as XLA does it, or in tiles that draw their own signs on a GPU."""

    PLAIN = "plain"
    PALLAS = "pallas"
    INTERPRET = "interpret"
