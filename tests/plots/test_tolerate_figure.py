"""The card as a figure: a panel a number, today's value where it is, what is beyond at the side."""

from neuromgd.plots.tolerate import tolerate

ROWS = [
    {"number": "bus.cost_noise", "today": 1e-3, "tolerable": 4e-3, "low": 2e-3, "high": 9e-3,
     "margin": 4.0, "verdict": ""},
    {"number": "bus.delta_bits", "today": 8.0, "tolerable": 3.0, "low": 4.0, "high": 2.0,
     "margin": 2.7, "verdict": ""},
    {"number": "bus.drop_rate", "today": 0.0, "tolerable": None, "low": 0.8, "high": None,
     "margin": None, "verdict": "tolerable as far as was tried, to 1.0"},
]  # fmt: skip
ENDS = {
    "bus.cost_noise": (1e-4, 10.0, True),
    "bus.delta_bits": (10.0, 1.0, False),
    "bus.drop_rate": (1e-2, 1.0, True),
}


def test_the_card_shows_what_is_tolerable_and_what_is_today(tmp_path):
    labels = {row["number"]: row["number"] for row in ROWS}
    figure = tolerate(ROWS, ENDS, labels, "tolerable", tmp_path / "card.png")
    noise, bits, drops = figure.axes
    places = lambda panel: {line.get_label(): list(line.get_xdata()) for line in panel.lines}
    assert places(noise) == {
        "95 % interval": [2e-3, 9e-3], "just tolerable": [4e-3], "today": [1e-3],
    }  # fmt: skip
    # Fewer bits are more harmful: they stand on the right.
    assert bits.get_xlim()[0] > 10 > 1 > bits.get_xlim()[1]
    assert places(bits)["today"] == [8.0]
    # What was not met has no dot, and reaches to the end that was tried.
    assert places(drops)["95 % interval"] == [0.8, 1.0]
    assert "just tolerable" not in places(drops)
    assert places(drops)["today, beyond what was tried"] == [0.0]
    assert drops.texts[0].get_text() == ROWS[2]["verdict"]
    assert (tmp_path / "card.png").stat().st_size > 10_000
