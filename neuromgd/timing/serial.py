"""A program in which one thing happens after the other: a beat takes the sum of its parts."""

from neuromgd.timing.leap import Leap, State, Sum, Totals
from neuromgd.timing.program import Due, Program


class Serial:
    """Runs single beats of a serial program; nothing ever waits, so there is no state."""

    cap = 1
    fetches = False
    start: State = ()

    def __init__(self, program: Program):
        self.program = program
        self.dues: list[Due] = []
        self.kinds: dict[Due, int] = {}
        self.ticks: list[int] = []

    def kind(self, due: Due, fetches: bool = True) -> int:
        """Returns the number of a kind of beat; adds it up when it is new."""
        del fetches
        if due not in self.kinds:
            self.kinds[due] = len(self.dues)
            self.dues.append(due)
            parts = [operation.part for operation in self.program.operations(due)]
            self.ticks.append(sum(part.ticks + part.after for part in parts))
        return self.kinds[due]

    def beat(self, kind: int, state: State) -> Leap:
        """Runs one beat."""
        return Leap(state, self.ticks[kind], ((kind, 1),))

    def finish(self, state: State) -> Leap:
        """Nothing is under way between two beats."""
        return Leap(state, 0, ())

    def overrun(self, seen: dict, total: Sum) -> None:
        """No backlog can grow."""
        del seen, total

    def totals(self, gains: dict[int, int]) -> Totals:
        """Puts names to what was added up."""
        return Totals({self.dues[kind]: times for kind, times in gains.items()}, {}, {})
