"""Which design to look at next: Optuna's proposals, the same for the same seed and past.

References:
    Akiba, Sano, Yanase, Ohta and Koyama, KDD (2019): Optuna.
    Ozaki, Tanigaki, Watanabe, Nomura and Onishi, J. Artif. Intell. Res. 73, 1209 (2022): the
    tree-structured Parzen estimator for several goals.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from neuromgd.errors import InputError
from neuromgd.verdict.pareto import ranked

# Along every axis the number of a value, or of an axis without values the share of the way.
Place = tuple[float | int, ...]
# Proposals for a place that is new; then places of a grid are taken as they come.
TRIES = 20


def proposed(
    lengths: Sequence[int],
    ordered: Sequence[bool],
    seen: Sequence[Place],
    losses: Float[np.ndarray, "seen goals"],
    seed: tuple[int, int],
    count: int,
) -> Iterator[Place]:
    """Yields places that nobody looked at: proposals first, what is left of a grid after them.

    Args:
        lengths: Values of every axis; 0: it is a range.
        ordered: Whether they have an order: what is near one is like it.
        seen: Places that were looked at; those without losses stand last.
        losses: Of the first of them, in every goal.
        seed: Of the exploration, and number of the batch.
        count: How many are wanted at most; the tries are counted by it.

    Raises:
        InputError: If Optuna is missing.
    """
    known = set(seen)
    spaces = _spaces(lengths, ordered)
    study = _study(spaces, seen, losses, seed)
    for _ in range(TRIES * count):
        trial = study.ask(spaces)
        place = tuple(trial.params.values())
        if place in known:
            # Forgotten, so that it does not count as a design that is being looked at.
            study.tell(trial, state=_failed())
            continue
        known.add(place)
        yield place
    if all(lengths):
        for number in np.random.default_rng(seed).permutation(int(np.prod(lengths))):
            place = tuple(int(one) for one in np.unravel_index(number, lengths))
            if place not in known:
                yield place


def _spaces(lengths: Sequence[int], ordered: Sequence[bool]) -> dict[str, Any]:
    of = _optuna().distributions
    whole = lambda length, is_ordered: (
        of.IntDistribution(0, length - 1)
        if is_ordered
        else of.CategoricalDistribution(tuple(range(length)))
    )
    return {
        str(number): whole(length, is_ordered) if length else of.FloatDistribution(0.0, 1.0)
        for number, (length, is_ordered) in enumerate(zip(lengths, ordered, strict=True))
    }


def _study(
    spaces: dict[str, Any],
    seen: Sequence[Place],
    losses: Float[np.ndarray, "seen goals"],
    seed: tuple[int, int],
) -> Any:
    optuna = _optuna()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    own = int(np.random.SeedSequence(seed).generate_state(1)[0])
    sampler = (
        optuna.samplers.TPESampler(seed=own, n_startup_trials=0, multivariate=True)
        if len(losses)
        else optuna.samplers.RandomSampler(seed=own)
    )
    study = optuna.create_study(directions=["minimize"] * losses.shape[1], sampler=sampler)
    # Ranks: goals have units, spread over decades or are unknown.
    for place, values in zip(seen, ranked(losses).tolist(), strict=False):
        params = dict(zip(spaces, place, strict=True))
        study.add_trial(
            optuna.trial.create_trial(params=params, distributions=spaces, values=values)
        )
    return study


def _failed() -> Any:
    return _optuna().trial.TrialState.FAIL


def _optuna() -> Any:
    try:
        import optuna  # an extra, and slow to import
    except ImportError as error:
        raise InputError(
            "explore: needs Optuna; install it by pip install 'neuromgd[explore]'"
        ) from error
    return optuna
