"""Who kicks what: one word for all arrays, or one for each, separated by commas."""

from neuromgd import names
from neuromgd.errors import InputError

# Weights move at every timestep, and no C0 is read.
CONTINUOUS = ("analog",)
# Short words of the field for arrays that kick their weights or their neurons.
SHORT = {"wp": "weight", "np": "node"}
# Of an array that is neither kicked nor written.
FROZEN = "frozen"
# Of the last array, where its synapses learn by the errors of the outputs.
DELTA = "delta"


def words_of(mode: str, where: str = "option") -> tuple[str, ...]:
    """Returns the name of a mode, or the names of those of all arrays.

    Args:
        mode: As given.
        where: What to name in a complaint.

    Raises:
        InputError: If a word is not known, or is none of a mode that others stand beside.
    """
    words = tuple(SHORT.get(word.strip(), word.strip()) for word in mode.split(","))
    known = names.MODES if len(words) == 1 else (*SHORT.values(), FROZEN, DELTA)
    for word in words:
        if word not in known:
            beside = "" if len(words) == 1 else " for one of several arrays"
            raise InputError(
                f"{where} learning.mode = {mode!r}: read {word!r}; there are"
                f" {', '.join(known)} ({', '.join(SHORT)}){beside}"
            )
    if set(words) == {FROZEN}:
        raise InputError(f"{where} learning.mode = {mode!r}: every array is frozen, none learns")
    if DELTA in words[:-1]:
        raise InputError(
            f"{where} learning.mode = {mode!r}: the delta rule is of the last array alone, whose"
            " outputs have an error"
        )
    if set(words) <= {FROZEN, DELTA}:
        raise InputError(
            f"{where} learning.mode = {mode!r}: no array is kicked, and no ΔC would teach anything"
        )
    return words


def kicks_neurons(mode: str) -> bool:
    """Tells whether any array kicks its neurons."""
    return "node" in words_of(mode)


def is_continuous(mode: str) -> bool:
    """Tells whether weights move at every timestep."""
    return words_of(mode) == CONTINUOUS


def kicks_weights(mode: str) -> bool:
    """Tells whether any array kicks its weights."""
    return bool(set(words_of(mode)) - {"node", FROZEN, DELTA})


def has_frozen(mode: str) -> bool:
    """Tells whether any array is frozen."""
    return FROZEN in words_of(mode)


def has_delta(mode: str) -> bool:
    """Tells whether the last array learns by the errors of the outputs."""
    return DELTA in words_of(mode)
