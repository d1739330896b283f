"""The three questions that users come with: their commands, and what these answer."""

import re
from functools import cache

from docs.claims.claim import Claim
from docs.claims.training import told

PAGE = "docs/questions.md"
LEARNS = "--config reram_sb_gong2018 --platform rram_32nm --chips 2"
PLAIN = "--task mnist --device reram_sb_gong2018 --platform rram_32nm --windows 1000 --chips 2"
TOLERABLE = (
    "bus.cost_noise=log:1e-3:1 bus.delta_bits device.update_asymmetry=log:1e-3:1 --target 0.85"
    " --rounds 2 --places 5 --windows 4000 --chips 4"
)
EXPLORED = "--over device=@sheets --over platform=@platforms --windows 1600 --trials 16 --chips 2"
# Minutes are those of two free cores.
ROOM = 5.0


@cache
def learns() -> dict[str, float]:
    """Returns what the chip of a recipe comes to on MNIST, and what to change first."""
    found = told("train", LEARNS)
    first = re.search(r"half of adcs.isaac and of times.post: ([\d.]+) ms, ([\d.]+) mJ",
                      " ".join(found["advice"]))  # fmt: skip
    assert first, found["advice"]
    assert not found["explanations"]
    return {
        "accuracy": 100 * found["accuracy"], "spread": 100 * found["accuracy_std"],
        "seconds": found["hardware_seconds"], "joules": 1e3 * found["hardware_joules"],
        "faster": float(first[1]), "less": float(first[2]), "minutes": found["minutes"],
    }  # fmt: skip


@cache
def plain() -> dict[str, float]:
    """Returns what the same cells come to when every request is written at once."""
    found = told("train", PLAIN)
    limit = re.search(r"([\d.]+)× as fast as the gradient", found["explanations"][0])
    assert limit, found["explanations"]
    return {"accuracy": 100 * found["accuracy"], "pull": float(limit[1])}


@cache
def tolerable() -> dict[str, float]:
    """Returns the tolerance card."""
    found = told("tolerate", TOLERABLE)
    card = {row["number"].rpartition(".")[2]: row for row in found["card"]}
    noise, asymmetry, bits = (
        card[name] for name in ("cost_noise", "update_asymmetry", "delta_bits")
    )
    assert bits["tolerable"] is None, bits
    assert bits["verdict"].endswith("to 1"), bits
    return {
        "noise": noise["tolerable"], "noise_low": noise["low"], "noise_high": noise["high"],
        "asymmetry": 100 * asymmetry["tolerable"], "asymmetry_low": 100 * asymmetry["low"],
        "asymmetry_high": 100 * asymmetry["high"], "minutes": found["minutes"],
    }  # fmt: skip


@cache
def explored() -> dict[str, float]:
    """Returns what the best of the designs comes to that no other one beats."""
    found = told("explore", EXPLORED)
    best = found["front"][0]
    return {
        "trials": found["trials"], "left": found["not_run"], "worth": found["runs_worth"],
        "accuracy": 100 * best["accuracy"], "milliseconds": 1e3 * best["hardware_seconds"],
        "minutes": found["minutes"],
    }  # fmt: skip


CLAIMS = [
    Claim(
        "question-mnist", PAGE, f"neuromgd train {LEARNS}", learns,
        (
            "It learns: {accuracy:.1f} ± {spread:.1f} % of the test set",
            "take {seconds:.2f} s and {joules:.1f} mJ",
            "would be {faster:.0f} ms and {less:.1f} mJ",
            "--chips 2 # {minutes:.0f} min",
        ),
        {"accuracy": 3.0, "spread": 3.0, "minutes": ROOM}, minutes=2,
    ),
    Claim(
        "question-mnist-plain", PAGE, f"neuromgd train {PLAIN}", plain,
        (
            "stays at {accuracy:.0f} %",
            "{pull:.0f} times as fast as the gradient",
        ),
        {"accuracy": 5.0, "pull": 2.0}, minutes=2,
    ),
    Claim(
        "question-tolerable", PAGE, f"neuromgd tolerate {TOLERABLE}", tolerable,
        (
            "--windows 4000 --chips 4 # {minutes:.0f} min",
            "The target is 85 % of digits right",
            "A noise of {noise:.4f} ({noise_low:.4f} to {noise_high:.4f}) in every reading",
            "an asymmetry of {asymmetry:.1f} % ({asymmetry_low:.1f} to {asymmetry_high:.1f} %)",
        ),
        {
            "noise": 0.004, "noise_low": 0.004, "noise_high": 0.006, "asymmetry": 0.4,
            "asymmetry_low": 0.4, "asymmetry_high": 0.5, "minutes": ROOM,
        },
        minutes=4,
    ),
    Claim(
        "question-designs", PAGE, f"neuromgd explore {EXPLORED}", explored,
        (
            "--windows 1600 --trials 16 --chips 2 # {minutes:.0f} min",
            "{left:.0f} proposals are told with their reason",
            "{trials:.0f} designs are trained, for as long as {worth:.0f} whole runs",
            "reaches {accuracy:.0f} % in {milliseconds:.0f} ms",
        ),
        {"left": 10, "accuracy": 5.0, "minutes": ROOM}, minutes=6,
    ),
]  # fmt: skip
