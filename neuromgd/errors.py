"""The errors that are told in one line, without a traceback, and what a run warns of."""

from neuromgd.shown import one_line


class OneLineError(Exception):
    r"""An error whose message is one line, whatever the names from outside in it.

    Example:
        >>> str(InputError("unknown field 'a\nb'"))
        "unknown field 'a\\nb'"
    """

    def __init__(self, message: str = ""):
        super().__init__(one_line(message))


class InputError(OneLineError, ValueError):
    """Something that came from outside (option, file, sheet, data) cannot be used.

    The message is one line that names where it stood, what was read and what is allowed. The
    command line prints it and ends with exit status 2.
    """


class DivergedError(OneLineError, RuntimeError):
    """A run blew up; the message is one line that names the quantity, the chip and the window."""


class LostProcessError(OneLineError, RuntimeError):
    """One of several processes that run together has ended before the run did."""


class StorageError(OneLineError, RuntimeError):
    """What a run has to keep cannot be written: a full disk, or a folder that is no longer there.

    The message is one line; what was written before stays, and the run can be resumed.
    """


class StoppedError(KeyboardInterrupt):
    """A signal ended a run, after it had written a checkpoint.

    Attributes:
        number: Of the signal.
    """

    def __init__(self, number: int):
        super().__init__(number)
        self.number = number


class DamageWarning(UserWarning):
    """A file of a run folder is damaged, and an older or another one is used instead."""


class OtherVersionWarning(UserWarning):
    """A run goes on with other versions of what computes it than it began with."""


class OtherLengthWarning(UserWarning):
    """A run is made longer, and its learning rate falls over its length."""


class StoppedChipWarning(UserWarning):
    """The numbers of one chip cannot be gone on with; the others of the run go on."""


class RoundingWarning(UserWarning):
    """What the simulated bus carries is mostly rounding of the simulator, not physics."""


class ProbedWarning(UserWarning):
    """A short probe chose rate, kick and scale of a network or rule that the task has none for."""


class UncutWarning(UserWarning):
    """Arrays that were to be cut over devices are not: there is only one."""


class UntoldWarning(UserWarning):
    """Something that is told of a finished run is missing; the run itself is whole."""


class SlowEngineWarning(UserWarning):
    """A run computes its timesteps one after the other, where most compute a window at once."""
