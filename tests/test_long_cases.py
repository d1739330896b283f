"""Of a test with many cases some always run, and what is listed is there."""

from pathlib import Path

from tests.long_cases import SHARED, listed, long_ones, read

ROOT = Path(__file__).parents[1]


def test_every_test_keeps_its_shortest_case():
    seconds = {"a::t[1]": 9.0, "a::t[2]": 5.0, "a::t[3]": 0.1, "b::t[1]": 30.0, "b::u": 40.0}
    assert long_ones(seconds) == ["a::t[1]", "a::t[2]"]
    # Short ones are never left out, and others run as far as they fit into half a second together.
    many = {f"c::t[{i}]": 0.1 for i in range(50)} | {"d::t[1]": 0.2, "d::t[2]": 0.3, "d::t[3]": 0.4}
    assert long_ones(many) == ["d::t[3]"]


def test_cases_that_share_a_program_all_run():
    assert long_ones({f"{SHARED}::t[{i}]": 9.0 for i in range(3)}) == []


def test_what_is_listed_is_a_case_of_a_test_that_is_there():
    for case in listed():
        path, _, test = case.partition("::")
        source = (ROOT / path).read_text(encoding="utf-8")
        assert "[" in test, case
        assert f"def {test.partition('[')[0]}(" in source, case


def test_a_record_of_pytest_is_read(tmp_path):
    record = tmp_path / "cases.xml"
    record.write_text(
        '<testsuites><testsuite><testcase classname="tests.chip.test_x" name="test_y[a.b]"'
        ' time="1.5"/></testsuite></testsuites>',
        encoding="utf-8",
    )
    assert read(record) == {"tests/chip/test_x.py::test_y[a.b]": 1.5}
