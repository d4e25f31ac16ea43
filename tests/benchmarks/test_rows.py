"""The benchmarks: each row can be measured, so that none rots. Nothing is said of how long it takes."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import agreement, command, growth, kinds, mailboxes, measure, pages, reading, report
from benchmarks.outcome import Outcome, Row, Setting, Target
from benchmarks.rows import ROWS

_PLAIN = (
    b"From: Ana <ana@example.org>\nTo: bo@example.org\nSubject: plain\nDate: Thu, 05 Nov 2026 10:00:00 +0100\n\nhello\n"
)
_FILE = (
    b"From: Bo <bo@example.org>\nTo: ana@example.org\nSubject: a file\nDate: Thu, 05 Nov 2026 11:00:00 +0100\n"
    b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    b"--b\nContent-Type: text/plain\n\nhello\n"
    b"--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=a.bin\n"
    b"Content-Transfer-Encoding: base64\n\nAAEC\n--b--\n"
)
_PAGE = b"From: Ana <ana@example.org>\nSubject: a page\nContent-Type: text/html\n\n<p><img src=cid:a>hello\n"
_MESSAGES = (_PLAIN, _FILE)


@pytest.fixture(autouse=True)
def only_new_objects() -> Iterator[None]:
    """A collection before each timing goes over what the test made, not over all that pytest holds."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def tiny(tmp_path: Path) -> Setting:
    """Two messages, once."""
    return Setting(
        messages=_MESSAGES,
        rounds=1,
        builds=1,
        large_size=2_000,
        addresses=3,
        mbox_size=1_000,
        file_size=2_000,
        huge_size=3_000_000,
        growth_sizes=(32, 64),
        folder=tmp_path,
    )


@pytest.mark.parametrize("row", [row for row in ROWS if row.name != "growth"], ids=lambda row: row.name)
def test_a_row_can_be_measured(row: Row, tiny: Setting) -> None:
    """A row is left out for a reason that is said, or has its figures."""
    outcome = row.run(tiny)

    assert outcome.figures or "left out" in outcome.notes[0]
    assert all(value >= 0 for value in outcome.figures.values())
    assert list(report.lines(row, outcome))
    assert json.dumps(report.as_data(row, outcome))


def test_a_row_says_what_it_is_beside() -> None:
    """A target that stands beside nothing that is measured would never be met, and nobody would know."""
    peers = {"stdlib", "fast-mail-parser", "nh3", "inscriptis", "read and encode"}
    peers |= {"smtplib", "send_message", "aiosmtplib", "Django", "aiosmtpd", "xmlrpc.server"}
    known = peers | {"resident memory", "allocated memory", "worst exponent", "round trips"}

    assert {beside for row in ROWS for beside in row.targets} <= known
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_both_make_the_same_of_a_page() -> None:
    """But for addresses: nh3 alone knows of no file, and leaves them as they are."""
    found = pages.of((*_MESSAGES, _PAGE))

    assert pages.cleaned(found) == ['<p><img src="cid:a">hello\n</p>']
    assert '<body><p><img src="image.png">hello\n</p></body>' in pages.sanitised(found)[0]
    assert "sanitize" in {row.name for row in ROWS}


def test_pages_can_be_measured(tiny: Setting) -> None:
    """Where there is one."""
    [row] = [row for row in ROWS if row.name == "sanitize"]

    assert row.run(replace(tiny, messages=(_PAGE,))).figures.keys() == {"nh3"}


@pytest.mark.parametrize("octets", _MESSAGES, ids=["plain", "with a file"])
def test_both_read_the_same(octets: bytes) -> None:
    """Two ways are compared only where both give what was asked for."""
    assert reading.typical(octets) == reading.typical_stdlib(octets)
    assert agreement.typical([octets]) == []
    assert agreement.everything([octets]) == []


@pytest.mark.parametrize("kind", kinds.STRUCTURES.values(), ids=kinds.STRUCTURES)
def test_a_kind_of_input_is_of_about_its_size(kind: kinds.Kind) -> None:
    """An exponent is one of the size only if twice the size is twice as much."""
    assert 1.7 < len(kind(16_384)) / len(kind(8_192)) < 2.3


def test_growth_is_measured_for_each_kind() -> None:
    """Kinds of structure and of each class of field, with the default policy at least."""
    few = dict(list(kinds.all_kinds().items())[::50])

    found = list(growth.of_kinds(few, sizes=(32, 64)))

    assert {one.kind for one in found} == set(few)
    assert all(len(one.seconds) == 2 for one in found)


def test_what_doubles_with_the_size_has_an_exponent_of_one() -> None:
    """Least squares on both logarithms."""
    assert growth.exponent((10, 20, 40), (1.0, 2.0, 4.0)) == pytest.approx(1)
    assert growth.exponent((10, 20, 40), (1.0, 4.0, 16.0)) == pytest.approx(2)


def test_ratios_are_of_one_round() -> None:
    """A round that is disturbed disturbs both; the median of the rounds counts."""
    ours: Iterator[float] = iter([9.0, 1.0, 2.0, 100.0])
    theirs: Iterator[float] = iter([9.0, 2.0, 4.0, 200.0])

    figure = measure.compare({measure.OURS: ours.__next__, "peer": theirs.__next__}, rounds=3)

    assert figure == ({measure.OURS: 2.0, "peer": 4.0}, {"peer": 2.0})


def test_a_target_is_kept_low_or_high() -> None:
    """A peer's time is to be high, memory low."""
    row = Row("row", "title", {"peer": Target(2, 3), "memory": Target(2.6, 2.2, low=True)}, lambda _setting: Outcome())

    shown = list(report.lines(row, Outcome(0.001, {"peer": 2.5, "memory": 2.5}, ("note",))))

    assert [line.split() for line in shown] == [
        ["title", "1", "ms", "peer", "2.5x", ">", "2x", "yes", ">", "3x", "NO"],
        ["memory", "2.5x", "<", "2.6x", "yes", "<", "2.2x", "NO"],
        ["note"],
    ]


def test_rows_are_chosen_by_what_their_names_begin_with() -> None:
    """``--only typical`` is both line ends; a name of nothing is an error."""
    assert [row.name for row in command.chosen(["typical", "import"])] == ["typical-lf", "typical-crlf", "import"]
    assert command.chosen([]) == list(ROWS)
    with pytest.raises(SystemExit, match="no row 'nonsense'"):
        command.chosen(["nonsense"])


def test_the_command_writes_what_it_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table for people, JSON for programs; a row without messages says why."""
    monkeypatch.setenv("CARTERO_CORPORA", str(tmp_path / "absent"))
    file = tmp_path / "figures.json"

    command.main(["--quick", "--only", "unchanged-lf", "--json", str(file)])

    assert "left out: no messages" in capsys.readouterr().out
    assert [row["name"] for row in json.loads(file.read_text(encoding="utf-8"))["rows"]] == ["unchanged-lf"]


def test_an_mbox_holds_what_was_put_in(tmp_path: Path) -> None:
    """Both count the same messages, whatever stands in their bodies."""
    path = tmp_path / "box"

    count = mailboxes.make(path, [b"Subject: x\n\nFrom here\n\nFrom there\n"], size=200)

    assert mailboxes.subjects_stdlib(path) == count
