"""What a report tells, as plain values: whoever draws it needs neither JAX nor the run."""

from collections.abc import Mapping, Sequence
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
        name: Of the platform.
        joules: By cause and component [J]; None: not known.
        busy: Share of the time in which each resource works [1].
    """

    intervals: Sequence[Any]
    tick: float
    title: str
    name: str
    joules: Mapping[str, Mapping[str, float | None]]
    busy: dict[str, float]


class Card(NamedTuple):
    """How bad some numbers may be.

    Attributes:
        rows: One row a number, what breaks the design first on top.
        ends: Number -> its harmless and its harmful end, and whether it goes by the logarithm.
        labels: Number -> what it is called, with its unit.
        told: What is tolerable, in words.
    """

    rows: Sequence[Mapping[str, Any]]
    ends: Mapping[str, tuple[float, float, bool]]
    labels: Mapping[str, str]
    told: str


class Front(NamedTuple):
    """The designs of an exploration.

    Attributes:
        table: One row a design.
        front: Those that no other one beats, the best by the metric first.
        names: Of the options that were varied.
        goals: What was to be small -> its column, label and unit.
    """

    table: Sequence[Mapping[str, Any]]
    front: Sequence[Mapping[str, Any]]
    names: Sequence[str]
    goals: Mapping[str, tuple[str, str, str]]


class Findings(NamedTuple):
    """What is told of one run. What could not be found is None or empty, and ``absent`` says why.

    Attributes:
        name: Of its folder.
        kind: run, sweep, gradient, tolerance search or exploration.
        state: Whether it is finished.
        command: That runs it again.
        options: Name -> value, of those that are not the defaults.
        config: The whole configuration as a file.
        summary: What ``summary.json`` holds, or what is known of an unfinished run.
        metric: What was measured, see ``Metric``.
        rows: The history; of a long one, as many rows as a figure has dots for.
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
        card: Of a tolerance search.
        front: Of an exploration.
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
    card: Card | None = None
    front: Front | None = None
    absent: Sequence[str] = ()
