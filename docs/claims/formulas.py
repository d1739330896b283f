"""What docs/performance.md works out on paper: a window of 10⁹ synapses on one GPU."""

from docs.claims.claim import Claim

PAGE = "docs/performance.md"
SYNAPSES, BATCH = 1e9, 128
# Bytes that a window moves for each synapse, and float32 operations: two passes of 2·B.
BYTES, OPERATIONS = 24, 2 * 2 * BATCH
WINDOWS = 46_000


def row(terabytes: float, teraflops: float) -> dict[str, float]:
    """Returns a row of the table: times by bandwidth and by arithmetic [ms], windows a second."""
    moved = 1e3 * BYTES * SYNAPSES / (terabytes * 1e12)
    computed = 1e3 * OPERATIONS * SYNAPSES / (teraflops * 1e12)
    best, worst = max(moved, computed), moved + computed
    return {
        "moved": moved, "computed": computed, "best": best, "worst": worst,
        "fewest": 1e3 / worst, "most": 1e3 / best,
    }  # fmt: skip


def plan() -> dict[str, float]:
    """Returns all figures of the table, those of A100, H100 and H200 by their letter."""
    cards = {"a": (2.04, 19.5), "h": (3.35, 67), "g": (4.8, 67)}
    return {
        f"{letter}_{name}": value
        for letter, card in cards.items()
        for name, value in row(*card).items()
    }


def notebook() -> dict[str, float]:
    """Returns how long the notebook's run would take for 10⁹ synapses on an H100 [minutes]."""
    h100 = row(3.35, 67)
    return {
        "least": WINDOWS * h100["best"] / 6e4,
        "most": WINDOWS * h100["worst"] / 6e4,
        "samples": BYTES * 67 / (4 * 3.35),
    }


CLAIMS = [
    Claim(
        "plan", PAGE, "24 P and 512 P over bandwidth and rate", plan,
        (
            "| A100 SXM 80 GB | 80 GB | 2.04 TB/s | 19.5 T/s | {a_moved:.1f} ms |"
            " {a_computed:.1f} ms | {a_best:.0f}–{a_worst:.0f} ms | {a_fewest:.0f}–{a_most:.0f} |",
            "| H100 SXM | 80 GB | 3.35 TB/s | 67 T/s | {h_moved:.1f} ms |"
            " {h_computed:.1f} ms | {h_best:.1f}–{h_worst:.0f} ms | {h_fewest:.0f}–{h_most:.0f} |",
            "| H200 SXM | 141 GB | 4.8 TB/s | 67 T/s | {g_moved:.1f} ms |"
            " {g_computed:.1f} ms | {g_best:.1f}–{g_worst:.0f} ms | {g_fewest:.0f}–{g_most:.0f} |",
        ),
    ),
    Claim(
        "samples", PAGE, "a window with fewer samples", notebook,
        ("below 24·67/(4·3.35) = {samples:.0f} samples",),
    ),
    Claim(
        "plan-notebook", PAGE, "46,000 windows of 10⁹ synapses", notebook,
        ("would take {least:.0f} to {most:.0f} minutes on an H100",),
    ),
]  # fmt: skip
