"""What a report tells, as plain values: whoever draws it needs neither JAX nor the run."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from neuromgd.verdict.row import Row


class Looked(NamedTuple):
    """One figure of a diagnosis beside its limit.

    Attributes:
        name: In words.
        value: The figure [1].
        limit: Above it a chip is in trouble.
    """

    name: str
    value: float
    limit: float


class Confusion(NamedTuple):
    """Which classes are taken for which.

    Attributes:
        counts: (classes, classes) test samples of all chips, by what is wanted and what is told.
        names: Of the classes.
    """

    counts: Sequence[Sequence[int]]
    names: Sequence[str]


class Values(NamedTuple):
    """What is told beside what is wanted, of some test samples and one chip.

    Attributes:
        wanted: (samples,) in units of the targets.
        told: (samples,) the same.
        unit: Of both.
    """

    wanted: Sequence[float]
    told: Sequence[float]
    unit: str


class Weights(NamedTuple):
    """The weights of one array on all chips.

    Attributes:
        name: Of the array.
        edges: (bins + 1,) [w.u.].
        shares: (bins,) of all its weights [1].
    """

    name: str
    edges: Sequence[float]
    shares: Sequence[float]


class Estimates(NamedTuple):
    """Estimates of the gradient that trained chips make, held against the true one.

    Attributes:
        table: One row a logged window, chip and array, see ``Gradient``.
        arrays: Names; the last is all of them.
        law: Pairs of a timestep and an angle [°].
        within: Angle that is marked [°].
        samples: Training samples that they are of.
        rows: A row for every array at the end: its name, ``angle``, ``law_angle`` and ``power``.
    """

    table: Sequence[dict[str, Any]]
    arrays: Sequence[str]
    law: Sequence[Any]
    within: float
    samples: int
    rows: Sequence[dict[str, Any]]


class Hardware(NamedTuple):
    """Time and energy of a run on its platform, and where they go.

    Attributes:
        intervals: Of the first timesteps, see ``timing.traces``; times in ticks.
        tick: One tick [s].
        title: What they are of.
        joules: By component [J]; None: not known.
        busy: Share of the time in which each resource works [1].
    """

    intervals: Sequence[Any]
    tick: float
    title: str
    joules: dict[str, float | None]
    busy: dict[str, float]


class Findings(NamedTuple):
    """What is told of one run. What could not be found is None or empty, and ``absent`` says why.

    Attributes:
        name: Of its folder.
        kind: run, sweep or gradient.
        state: Whether it is finished.
        command: That runs it again.
        options: Name -> value, of those that are not the defaults.
        config: The whole configuration as a file.
        summary: What ``summary.json`` holds, or what is known of an unfinished run.
        metric: What was measured, see ``Metric``.
        rows: The history.
        verdict: What limits it, the worst first, each a sentence.
        advice: What to change first, best first.
        looked: All that a diagnosis looked at, the nearest to its limit first.
        picture: Of what the chips tell on the test set.
        weights: Of every array.
        bounds: Lower and upper bound of a cell [w.u.]; None: it has none.
        at_bound: Share of the cells that are at one [1].
        noises: σ of every source in one ΔC [cost], by what it is.
        endurance: Writes that a cell bears.
        estimates: Of the gradient.
        hardware: Its time and energy.
        sweep: Of a sweep, what its figure takes.
        absent: What could not be told, and why.
    """

    name: str
    kind: str
    state: str
    command: str
    options: dict[str, Any]
    config: str
    summary: dict[str, Any]
    metric: Any
    rows: Sequence[Row] = ()
    verdict: Sequence[str] = ()
    advice: Sequence[str] = ()
    looked: Sequence[Looked] = ()
    picture: Confusion | Values | None = None
    weights: Sequence[Weights] = ()
    bounds: tuple[float, float] | None = None
    at_bound: float | None = None
    noises: dict[str, float] | None = None
    endurance: float | None = None
    estimates: Estimates | None = None
    hardware: Hardware | None = None
    sweep: dict[str, Any] | None = None
    absent: Sequence[str] = ()
