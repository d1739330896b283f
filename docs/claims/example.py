"""What the introductory example prints, in its short form and on MNIST."""

import re
from functools import cache

from docs.claims.claim import Claim
from docs.claims.training import run

PAGE = "docs/results.md"
_NUMBER = r"([\d.]+)"


def told(text: str) -> dict[str, float]:
    """Returns the figures of the two defects and of the training, as the example prints them."""
    shared = re.search(rf"own coins {_NUMBER}°, shared coins {_NUMBER}° off", text)
    grain = re.search(
        rf"Δθ = 1e-06: +{_NUMBER} % of ΔC exactly 0, error +{_NUMBER} %"
        rf" \(per sample +{_NUMBER} %\)",
        text,
    )
    trained = re.search(rf"epochs: accuracy {_NUMBER} %", text)
    assert shared, text
    assert grain, text
    assert trained, text
    names = ("own", "shared", "zero", "error", "careful", "accuracy")
    figures = (*shared.groups(), *grain.groups(), *trained.groups())
    return {name: float(figure) for name, figure in zip(names, figures, strict=True)}


@cache
def short() -> dict[str, float]:
    """Returns the figures of the short form."""
    return told(run("examples/mgd_intro.py --quick --out OUT/run")[0])


@cache
def whole() -> dict[str, float]:
    """Returns the figures on MNIST."""
    return told(run("examples/mgd_intro.py --out OUT/run")[0])


# Rounding depends on the order of a processor's sums, all else on the draw alone.
ROOM = {"own": 0.5, "shared": 1.0, "zero": 12.0, "error": 8.0, "careful": 0.5, "accuracy": 1.0}

CLAIMS = [
    Claim(
        "intro", PAGE, "python examples/mgd_intro.py --quick", short,
        (
            "the estimate stands {shared:.0f}° from the gradient, with a coin for every synapse"
            " {own:.1f}°",
            "{zero:.0f} % of the readings are exactly 0 and their error is {error:.0f} % of the"
            " signal if the mean costs are subtracted, {careful:.1f} % if samples are",
        ),
        ROOM, minutes=0.5,
    ),
    Claim(
        "intro-mnist", PAGE, "python examples/mgd_intro.py", whole,
        (
            "gives {zero:.0f} %, {error:.0f} % and {careful:.1f} %, and the training that ends the"
            " example, 25 epochs with η₀/(1 + 0.1·epoch), reaches {accuracy:.1f} %",
        ),
        ROOM, minutes=2,
    ),
]  # fmt: skip
