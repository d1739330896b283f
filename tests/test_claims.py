"""What the docs say in figures is what the commands give, and the checks see it where it is not."""

import json

import pytest

from benchmarks.document import BEGIN, END, tables
from docs.claims import CLAIMS, page
from docs.claims.check import check, renew
from docs.claims.claim import Claim
from docs.claims.example import told
from docs.claims.page import PAGES, ROOT, read, sentences, unaccounted

RENEW = "renew with: python -m docs.claims --renew"
SHORT = [claim for claim in CLAIMS if not claim.is_long]
LONG = [claim for claim in CLAIMS if claim.is_long]


@pytest.mark.parametrize("claim", SHORT, ids=[claim.name for claim in SHORT])
def test_a_figure_is_what_its_command_gives(claim):
    assert check(claim, claim.measure()) == [], RENEW


@pytest.mark.slow
@pytest.mark.parametrize("claim", LONG, ids=[claim.name for claim in LONG])
def test_a_figure_is_what_its_long_command_gives(claim):
    assert check(claim, claim.measure()) == [], RENEW


@pytest.mark.parametrize("claim", LONG, ids=[claim.name for claim in LONG])
def test_a_long_claim_is_in_its_page(claim):
    assert sentences(claim, read(claim.page))


@pytest.mark.parametrize("name", PAGES)
def test_no_figure_is_without_a_command_or_a_reason(name):
    assert unaccounted(read(name), [claim for claim in CLAIMS if claim.page == name]) == []


def test_names_are_their_own():
    names = [claim.name for claim in CLAIMS]
    assert len(set(names)) == len(names)
    assert {claim.page for claim in CLAIMS} <= set(PAGES)


def test_the_tables_of_the_benchmarks_are_their_record():
    whole = json.loads((ROOT / "docs" / "performance.json").read_text(encoding="utf-8"))
    made = read("docs/performance.md").partition(BEGIN)[2].partition(END)[0]
    assert made.strip() == tables(whole).strip()


# The checks themselves, on a page of two figures.

TEXT = """# Page

<!-- command: run -->
It ends at **95.0 ± 1.0 %** after
12,000 windows.

<!-- given: why -->
A source says 7 %.

```console
run  # half
```
"""
SAYS = "It ends at **{accuracy:.1f} ± {spread:.1f} %** after {windows:,d} windows."


def claim(*says: str, **changes) -> Claim:
    values = {"accuracy": 95.04, "spread": 0.98, "windows": 12_000}
    return Claim("run", "page.md", "run", lambda: values, says or (SAYS,), **changes)


def test_a_sentence_is_found_whatever_its_figures_and_line_ends():
    (found,) = sentences(claim(), TEXT)
    assert [(one.name, one.number) for one in found.figures] == [
        ("accuracy", 95.0), ("spread", 1.0), ("windows", 12_000.0),
    ]  # fmt: skip
    assert TEXT[slice(*found.figures[2].span)] == "12,000"
    assert [one.grain for one in found.figures] == pytest.approx([0.05, 0.05, 0.5])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (TEXT.replace("ends at", "reaches"), "says 0 times"),
        (TEXT.replace("command: run", "command: walk"), "no block is marked"),
        (TEXT.replace("# half", "# half\n\n<!-- command: run -->"), "says 0 times"),
        ("\n\n" + SAYS, "no block is marked"),
    ],
)
def test_a_claim_that_is_no_longer_in_the_page_fails(text, complaint):
    other = claim("no such sentence") if "half\n\n" in text else claim()
    with pytest.raises(LookupError, match=complaint):
        sentences(other, text)


@pytest.mark.parametrize(
    ("accuracy", "tolerance", "holds"),
    [
        (95.04, {}, True),
        (95.06, {}, False),
        (95.9, {"accuracy": "spread"}, True),
        (96.2, {"accuracy": "spread"}, False),
        (95.5, {"accuracy": 0.4}, False),
        (94.6, {"accuracy": 0.4}, True),
    ],
)
def test_a_figure_holds_to_its_digits_or_within_its_room(accuracy, tolerance, holds):
    values = {"accuracy": accuracy, "spread": 0.98, "windows": 12_000}
    lines = check(claim(tolerance=tolerance), values, TEXT)
    assert (lines == []) == holds
    assert holds or "accuracy of run is 95.0" in lines[0]


def test_figures_that_nobody_accounts_for_are_told():
    assert unaccounted(TEXT, [claim()]) == []
    assert unaccounted(TEXT, []) != []
    new = TEXT.replace("12,000 windows.", "12,000 windows. And 93 % later.")
    assert unaccounted(new, [claim()]) == ["line 5: '93 %' in a block without a claim for it"]
    for unit in ("8 points", "3°", "2×", "5 minutes", "0.3 s"):
        lost = unaccounted(TEXT + f"\nA new figure of {unit}.\n", [claim()])
        assert len(lost) == 1, unit
    assert unaccounted(TEXT + "\nA layer of 64 and 1e-3.\n", [claim()]) == []
    assert unaccounted(TEXT.replace("why", "why").replace("given", "taken"), [claim()]) != []


def test_renewing_writes_what_the_command_gave(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "ROOT", tmp_path)
    monkeypatch.setattr("docs.claims.check.ROOT", tmp_path)
    (tmp_path / "page.md").write_text(TEXT, encoding="utf-8")
    values = {"accuracy": 90.26, "spread": 11.0, "windows": 900}
    renew(claim(), values)
    after = read("page.md")
    assert after == TEXT.replace("95.0 ± 1.0", "90.3 ± 11.0").replace("12,000", "900")
    assert check(claim(), values) == []


def test_what_the_example_prints_is_read():
    text = (
        "own coins 5.7°, shared coins 45.2° off\n"
        "Δθ = 1e-06:  9.3 % of ΔC exactly 0, error  18.5 % (per sample   1.7 %)\n"
        "trained for 25 epochs: accuracy 82.9 %\n"
    )
    assert told(text) == {
        "own": 5.7, "shared": 45.2, "zero": 9.3, "error": 18.5, "careful": 1.7, "accuracy": 82.9,
    }  # fmt: skip
    with pytest.raises(AssertionError):
        told(text.replace("shared coins", "coins"))
