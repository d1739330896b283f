"""What is made from the declarations of numbers is what stands in docs and schema."""

import json
import runpy
from pathlib import Path

from neuromgd import cell_numbers
from neuromgd.cell_numbers import CELL_NUMBERS

MADE = runpy.run_path(str(Path(__file__).parents[1] / "docs" / "number_tables.py"))
RENEW = "run: python docs/number_tables.py"


def test_the_page_has_every_number_and_is_current():
    page = MADE["PAGE"].read_text(encoding="utf-8")
    assert MADE["page"](page) == page, RENEW
    assert not [name for name in CELL_NUMBERS if f"| `{name}` |" not in page]


def test_the_schema_is_current():
    schema = json.loads(json.dumps(MADE["schema"]()))
    assert json.loads(MADE["SCHEMA"].read_text(encoding="utf-8")) == schema, RENEW


def test_a_number_is_declared_once():
    groups = [v for n, v in vars(cell_numbers).items() if n.isupper() and isinstance(v, dict)]
    assert sum(map(len, groups)) == 2 * len(CELL_NUMBERS)
