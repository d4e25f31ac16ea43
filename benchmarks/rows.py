"""The table: each row with its targets, and how it is measured."""

from __future__ import annotations

import email.headerregistry
import shutil
from collections.abc import Callable, Mapping
from functools import partial

import mimekit

from . import agreement, building, corpus, filing, fresh, growth, kinds, mailboxes, pages, peers, reading
from .measure import OURS, Sample, compare, timed
from .outcome import Outcome, Row, Setting, Target
from .receiving_rows import RECEIVING_ROWS
from .sending_rows import SENDING_ROWS

_RESIDENT = "resident memory"
_TRACED = "allocated memory"
_EXPONENT = "worst exponent"
_PLAIN = "read and encode"
_IMAGE_SIZE = 50_000
# mail-parser is so slow that it gets every tenth message
_FEWER = 10


def _reading(  # noqa: PLR0913 -- one column of the table each
    setting: Setting,
    ours: peers.Reading,
    stdlib: peers.Reading,
    *,
    crlf: bool,
    fast: Callable[[], peers.Reading | None] = lambda: None,
    slow: Callable[[], peers.Reading | None] = lambda: None,
    notes: Callable[[tuple[bytes, ...]], list[str]] = lambda _messages: [],
) -> Outcome:
    """Something done with every message of the corpus."""
    messages = tuple(map(corpus.with_crlf, setting.messages)) if crlf else setting.messages
    if not messages:
        return Outcome(notes=(f"left out: no messages in {corpus.folder()}; $CARTERO_CORPORA names the folder",))
    ways = {OURS: _of_all(ours, messages), peers.STDLIB: _of_all(stdlib, messages)}
    if (quick := fast()) is not None:
        ways[peers.FAST] = _of_all(peers.tolerant(quick), messages)
    figure = compare(ways, rounds=setting.rounds)
    figures = dict(figure.ratios)
    if (other := slow()) is not None:
        few = messages[::_FEWER]
        pair = {OURS: _of_all(ours, few), peers.MAILPARSER: _of_all(other, few)}
        figures |= compare(pair, rounds=setting.few_rounds).ratios
    said = notes(messages) + (agreement.refused(messages) if peers.FAST in ways else [])
    return Outcome(figure.seconds[OURS] / len(messages), figures, tuple(said))


def _of_all(read: peers.Reading, messages: tuple[bytes, ...]) -> Sample:
    def work() -> None:
        for octets in messages:
            read(octets)

    return timed(work)


def _pair(ours: Callable[[], object], stdlib: Callable[[], object], *, rounds: int, times: int = 1) -> Outcome:
    """Something done *times* times, by us and by the standard library."""
    figure = compare({OURS: _repeated(ours, times), peers.STDLIB: _repeated(stdlib, times)}, rounds=rounds)
    return Outcome(figure.seconds[OURS] / times, figure.ratios)


def _repeated(work: Callable[[], object], times: int) -> Sample:
    return timed(lambda: [work() for _ in range(times)])


def _build_text(setting: Setting) -> Outcome:
    return _pair(building.text, building.text_stdlib, rounds=setting.rounds, times=setting.builds)


def _build_rich(setting: Setting) -> Outcome:
    image, attachment = building.octets(20_000), building.octets(100_000)
    times = max(1, setting.builds // 10)
    return _pair(
        partial(building.rich, image, attachment),
        partial(building.rich_stdlib, image, attachment),
        rounds=setting.rounds,
        times=times,
    )


def _page(setting: Setting) -> Outcome:
    folder = setting.folder / "page"
    folder.mkdir()
    path = building.page_on_disk(folder, image_size=min(_IMAGE_SIZE, setting.large_size))
    times = max(1, setting.builds // 20)
    ours, plain = partial(building.page, path), partial(building.page_octets, path)
    figure = compare({OURS: _repeated(ours, times), _PLAIN: _repeated(plain, times)}, rounds=setting.rounds)
    figures = {name: 1 / ratio for name, ratio in figure.ratios.items()}
    return Outcome(figure.seconds[OURS] / times, figures, ("ours as a multiple of reading and encoding the files",))


def _attach(setting: Setting) -> Outcome:
    content = building.octets(setting.large_size)
    return _pair(partial(building.attach, content), partial(building.attach_stdlib, content), rounds=setting.few_rounds)


def _detach(setting: Setting) -> Outcome:
    source = building.attach(building.octets(setting.large_size))
    outcome = _pair(
        partial(building.detach, source), partial(building.detach_stdlib, source), rounds=setting.few_rounds
    )
    path = setting.folder / "large.eml"
    path.write_bytes(source)
    memory = {_TRACED: fresh.traced(fresh.DETACH, path) / len(source)}
    resident = fresh.resident(fresh.DETACH, path)
    if resident is not None:
        memory[_RESIDENT] = resident / len(source)
    return Outcome(outcome.seconds, {**outcome.figures, **memory}, ("memory: the most, with the message itself",))


def _attach_file(setting: Setting) -> Outcome:
    path = filing.make(setting.folder / "file.bin", setting.file_size)
    outcome = _pair(partial(filing.attach, path), partial(filing.attach_stdlib, path), rounds=setting.few_rounds)
    return _with_memory(outcome, setting)


def _extract_file(setting: Setting) -> Outcome:
    path = filing.attach(filing.make(setting.folder / "file.bin", setting.file_size))
    outcome = _pair(partial(filing.extract, path), partial(filing.extract_stdlib, path), rounds=setting.few_rounds)
    return _with_memory(outcome, setting, extract=True)


def _with_memory(outcome: Outcome, setting: Setting, *, extract: bool = False) -> Outcome:
    """*outcome*, and by how many megabytes resident memory grows with a huge file."""
    size = f"memory: with {setting.huge_size / 1e6:,.0f} MB"
    if shutil.disk_usage(setting.folder).free < 3 * setting.huge_size:
        return Outcome(outcome.seconds, outcome.figures, (f"left out: {size}, for which there is no room",))
    folder = setting.folder / "huge"
    folder.mkdir()
    path = filing.make_huge(folder / "huge.bin", setting.huge_size)
    resident = fresh.resident(fresh.ATTACH_FILE, path)
    if extract and resident is not None:
        resident = fresh.resident(fresh.EXTRACT_FILE, folder / "huge.bin.eml")
    shutil.rmtree(folder)
    memory = {} if resident is None else {_RESIDENT: resident / 1e6}
    return Outcome(outcome.seconds, {**outcome.figures, **memory}, (size,))


def _to_read(setting: Setting) -> Outcome:
    source = building.crowd([mimekit.Address(*person) for person in building.people(setting.addresses)])
    return _pair(
        partial(building.crowd_read, source), partial(building.crowd_read_stdlib, source), rounds=setting.few_rounds
    )


def _to_write(setting: Setting) -> Outcome:
    people = building.people(setting.addresses)
    ours = [mimekit.Address(*person) for person in people]
    theirs = [email.headerregistry.Address(*person) for person in people]
    return _pair(partial(building.crowd, ours), partial(building.crowd_stdlib, theirs), rounds=setting.few_rounds)


def _import(setting: Setting) -> Outcome:
    ways = {
        OURS: fresh.importing("mimekit"),
        peers.STDLIB: fresh.importing("email.message, email.policy, email.parser"),
    }
    figure = compare(ways, rounds=2 * setting.rounds - 1)
    return Outcome(figure.seconds[OURS], figure.ratios, ("in fresh interpreters without site",))


def _mbox(setting: Setting) -> Outcome:
    if not mailboxes.can_read():
        return Outcome(notes=("left out: there is no mimekit.read_mbox yet",))
    if not setting.messages:
        return Outcome(notes=(f"left out: no messages in {corpus.folder()}",))
    path = setting.folder / "messages.mbox"
    count = mailboxes.make(path, setting.messages, size=setting.mbox_size)
    ways = {
        OURS: timed(partial(mailboxes.subjects, path)),
        peers.STDLIB: timed(partial(mailboxes.subjects_stdlib, path)),
    }
    figure = compare(ways, rounds=setting.few_rounds, warm_up=False)
    figures = dict(figure.ratios)
    resident = fresh.resident(fresh.SUBJECTS, path)
    if resident is not None:
        figures[_RESIDENT] = resident / 1e6
    found = mailboxes.subjects(path)
    notes = [f"{count} messages, of which we find {found}"] if count != found else [f"{count} messages"]
    return Outcome(figure.seconds[OURS], figures, tuple(notes))


def _sanitize(setting: Setting) -> Outcome:
    found = pages.of(setting.messages)
    if not found:
        return Outcome(notes=("left out: no page in the messages",))
    ways = {OURS: timed(partial(pages.sanitised, found)), pages.NH3: timed(partial(pages.cleaned, found))}
    figure = compare(ways, rounds=setting.rounds)
    return Outcome(figure.seconds[OURS] / len(found), figure.ratios, (f"{len(found)} pages",))


def _totext(setting: Setting) -> Outcome:
    found, theirs = pages.of(setting.messages), pages.texts_by_inscriptis()
    if not found or theirs is None:
        return Outcome(notes=("left out: no page in the messages, or inscriptis is not installed",))
    ways = {OURS: timed(partial(pages.texts, found)), pages.INSCRIPTIS: timed(partial(theirs, found))}
    figure = compare(ways, rounds=setting.rounds)
    return Outcome(figure.seconds[OURS] / len(found), figure.ratios, (f"{len(found)} pages",))


def _growth(setting: Setting) -> Outcome:
    found = list(growth.of_kinds(kinds.all_kinds(), sizes=setting.growth_sizes))
    found.sort(key=lambda one: one.exponent, reverse=True)
    steep = [one for one in found if one.exponent > growth.LIMIT]
    notes = [f"{len(found)} kinds of input; {len(steep)} above {growth.LIMIT}"]
    notes += [
        f"{one.exponent:.2f}  {one.kind} ({one.policy} policy): {' '.join(f'{taken:.3g}' for taken in one.seconds)} s"
        for one in found[: max(5, len(steep))]
    ]
    return Outcome(None, {_EXPONENT: found[0].exponent}, tuple(notes), [one._asdict() for one in found])


def _by_line_end(
    name: str,
    title: str,
    targets: Callable[[bool], Mapping[str, Target]],
    run: Callable[..., Outcome],
) -> list[Row]:
    """The row once with LF and once with CRLF line ends."""
    return [
        Row(f"{name}-{end.lower()}", f"{title}, {end}", targets(end == "CRLF"), partial(run, crlf=end == "CRLF"))
        for end in ("LF", "CRLF")
    ]


_TYPICAL = partial(
    _reading,
    ours=reading.typical,
    stdlib=reading.typical_stdlib,
    fast=peers.fast,
    slow=peers.mailparser_typical,
    notes=agreement.typical,
)
_EVERYTHING = partial(
    _reading,
    ours=reading.everything,
    stdlib=reading.everything_stdlib,
    fast=peers.fast,
    slow=peers.mailparser_everything,
    notes=agreement.everything,
)
_UNCHANGED = partial(_reading, ours=reading.unchanged, stdlib=reading.unchanged_stdlib)
_SUBJECT = partial(_reading, ours=reading.subject_set, stdlib=reading.subject_set_stdlib)

# "at most twice the time of fast-mail-parser" is: it takes at least 1/2 of ours
ROWS: tuple[Row, ...] = (
    *_by_line_end(
        "typical",
        "typical read",
        lambda crlf: {peers.STDLIB: Target(18 if crlf else 22, 30), peers.FAST: Target(1 / 2, 1)},
        _TYPICAL,
    ),
    *_by_line_end(
        "everything",
        "everything",
        lambda _crlf: {peers.STDLIB: Target(16, 25), peers.FAST: Target(1 / 2.25, 1 / 1.5)},
        _EVERYTHING,
    ),
    *_by_line_end(
        "unchanged", "parse and write back unchanged", lambda _crlf: {peers.STDLIB: Target(60, 100)}, _UNCHANGED
    ),
    *_by_line_end("subject", "parse, set Subject, write", lambda _crlf: {peers.STDLIB: Target(40, 60)}, _SUBJECT),
    Row("build-text", "build a text and write it", {peers.STDLIB: Target(8, 12)}, _build_text),
    Row("build-rich", "build text, HTML, image, attachment", {peers.STDLIB: Target(12, 16)}, _build_rich),
    Row("page", "page from disk with 20 images", {_PLAIN: Target(5, 3, low=True)}, _page),
    Row("attach", "attach 25 MB and write", {peers.STDLIB: Target(9, 12)}, _attach),
    Row(
        "detach",
        "read 25 MB back",
        {
            peers.STDLIB: Target(6, 10),
            _RESIDENT: Target(2.6, 2.2, low=True),
            _TRACED: Target(2.6, 2.2, low=True),
        },
        _detach,
    ),
    Row(
        "file-attach",
        "attach 100 MB by path and write",
        {peers.STDLIB: Target(5, 8), _RESIDENT: Target(32, 16, unit=" MB", low=True)},
        _attach_file,
    ),
    Row(
        "file-extract",
        "extract 100 MB to a file",
        {peers.STDLIB: Target(5, 8), _RESIDENT: Target(32, 16, unit=" MB", low=True)},
        _extract_file,
    ),
    Row("to-read", "read a To of 10,000 addresses", {peers.STDLIB: Target(15, 30)}, _to_read),
    Row("to-write", "write a To of 10,000 addresses", {peers.STDLIB: Target(10, 30)}, _to_write),
    Row("import", "import", {peers.STDLIB: Target(1, 2)}, _import),
    Row(
        "mbox",
        "200 MB mbox, every subject",
        {peers.STDLIB: Target(10), _RESIDENT: Target(32, unit=" MB", low=True)},
        _mbox,
    ),
    # "at most three times the time of nh3 alone" is: it takes at least 1/3 of ours
    Row("sanitize", "make a page safe", {pages.NH3: Target(1 / 3, 1 / 2)}, _sanitize),
    # "at most 1.3 times the time of inscriptis" likewise
    Row("totext", "text of a page", {pages.INSCRIPTIS: Target(1 / 1.3, 1)}, _totext),
    *SENDING_ROWS,
    *RECEIVING_ROWS,
    Row("growth", "growth with size", {_EXPONENT: Target(growth.LIMIT, unit="", low=True)}, _growth),
)
