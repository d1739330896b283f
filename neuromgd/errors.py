"""The one error that a user can cause: it is told in one line, without a traceback."""


class InputError(ValueError):
    """Something that came from outside (option, file, sheet, data) cannot be used.

    The message is one line that names where it stood, what was read and what is allowed. The
    command line prints it and ends with exit status 2.
    """


class DivergedError(RuntimeError):
    """A run blew up; the message is one line that names the quantity, the chip and the window."""


class LostProcessError(RuntimeError):
    """One of several processes that run together has ended before the run did."""


class RoundingWarning(UserWarning):
    """What the simulated bus carries is mostly rounding of the simulator, not physics."""


class UncutWarning(UserWarning):
    """Arrays that were to be cut over devices are not: there is only one."""


class UntoldWarning(UserWarning):
    """Something that is told of a finished run is missing; the run itself is whole."""


class SlowEngineWarning(UserWarning):
    """A run computes its timesteps one after the other, where most compute a window at once."""
