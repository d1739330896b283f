"""Which of some designs no other one beats in everything."""

import numpy as np
from jaxtyping import Bool, Float


def beaten(losses: Float[np.ndarray, "designs goals"]) -> Bool[np.ndarray, " designs"]:
    """Tells which designs another one beats: nowhere worse, and somewhere better.

    Args:
        losses: Of every design in every goal, less is better; inf: unknown, worse than any.
    """
    one, other = losses[:, None], losses[None]
    return np.any(np.all(other <= one, axis=2) & np.any(other < one, axis=2), axis=1)


def fronts(losses: Float[np.ndarray, "designs goals"]) -> list[np.ndarray]:
    """Returns the numbers of the designs front by front: each is beaten by those before it alone.

    References:
        Deb, Pratap, Agarwal and Meyarivan, IEEE Trans. Evol. Comput. 6, 182 (2002): non-dominated
        sorting and crowding distance.
    """
    left, found = np.arange(len(losses)), []
    while len(left):
        is_behind = beaten(losses[left])
        found.append(left[~is_behind])
        left = left[is_behind]
    return found


def best(losses: Float[np.ndarray, "designs goals"], count: int) -> list[int]:
    """Returns so many designs, front by front; of the last front those that stand most alone."""
    chosen: list[int] = []
    for front in fronts(losses):
        room = count - len(chosen)
        if room <= 0:
            break
        if len(front) > room:
            front = front[np.argsort(-_alone(losses[front]), kind="stable")[:room]]
        chosen += front.tolist()
    return sorted(chosen)


def ranked(losses: Float[np.ndarray, "designs goals"]) -> Float[np.ndarray, "designs goals"]:
    """Returns the place of every design in every goal, from 0 to 1; equals share theirs."""
    places = np.stack([np.unique(goal, return_inverse=True)[1] for goal in losses.T], axis=1)
    return places / np.maximum(1, places.max(axis=0, initial=0))


def _alone(losses: Float[np.ndarray, "designs goals"]) -> Float[np.ndarray, " designs"]:
    """Returns how far the neighbours of every design are; inf: it is at an end."""
    distance = np.zeros(len(losses))
    for goal in losses.T:
        place = _scaled(goal)
        order = np.argsort(place, kind="stable")
        distance[order[[0, -1]]] = np.inf
        distance[order[1:-1]] += place[order[2:]] - place[order[:-2]]
    return distance


def _scaled(goal: Float[np.ndarray, " designs"]) -> Float[np.ndarray, " designs"]:
    """Returns one goal from 0 to 1; what is positive, as times are, over its logarithm."""
    known = np.isfinite(goal)
    if not known.any():
        return np.zeros(len(goal))
    value = np.log(np.where(known, goal, 1.0)) if (goal > 0).all() else goal
    low, high = value[known].min(), value[known].max()
    return np.where(known, (value - low) / ((high - low) or 1.0), 1.0)
