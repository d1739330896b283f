"""Which cases of a test run always: the shortest ones, as far as they fit into half a second.

A test of many cases compiles a program for each, and most of them go the same way. The others are
listed in ``long_cases.txt`` and are slow. Measure again with

    pytest -m "slow or not slow" --junitxml=cases.xml
    python -m tests.long_cases cases.xml
"""

import re
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path

LIST = Path(__file__).with_suffix(".txt")
# Seconds that the cases of one test may take together, and of one that is never left out.
TOGETHER, SHORT = 0.5, 0.15
# Cases here share a program, and whichever comes first takes its time.
SHARED = "tests/conformance/test_every_effect.py"


def listed() -> frozenset[str]:
    """Returns the cases that are slow."""
    return frozenset(LIST.read_text(encoding="utf-8").splitlines())


def name_of(path: str, test: str) -> str:
    """Returns how a case is listed."""
    return f"{path}::{test}"


def long_ones(seconds: dict[str, float]) -> list[str]:
    """Returns the cases that are left out, of the seconds of every case."""
    tests: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for case, took in seconds.items():
        if not case.startswith(SHARED):
            tests[case.partition("[")[0]].append((took, case))
    left_out = []
    for cases in tests.values():
        spent = 0.0
        for number, (took, case) in enumerate(sorted(cases)):
            if number and took > SHORT and spent + took > TOGETHER:
                left_out.append(case)
            else:
                spent += took
    return sorted(left_out)


def read(record: Path) -> dict[str, float]:
    """Returns the seconds of every case that ran, of a record of pytest."""
    found = {}
    for case in ET.parse(record).iter("testcase"):
        path = re.sub(r"\.", "/", case.attrib["classname"]) + ".py"
        found[name_of(path, case.attrib["name"])] = float(case.attrib["time"])
    return found


if __name__ == "__main__":
    LIST.write_text("\n".join(long_ones(read(Path(sys.argv[1])))) + "\n", encoding="utf-8")
