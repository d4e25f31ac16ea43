"""What a scripted server does, and when."""

from __future__ import annotations

from typing import Any

import pytest

from cartero.testing import Drop, Octets, Reset, Sleep
from cartero.testing.script import EVENTS, Reply, Script


class TestOccurrences:
    def test_an_action_happens_every_time(self) -> None:
        """One that stands alone is what the server is like."""
        script = Script({"MAIL": Drop()})

        assert [script.next("MAIL"), script.next("MAIL")] == [[Drop()], [Drop()]]

    def test_a_list_has_one_for_each_time_and_ends(self) -> None:
        """After it, it is again as if nothing were said: the next try succeeds."""
        script = Script({"RCPT": [Reset(), None, Drop()]})

        assert [script.next("RCPT") for _ in range(5)] == [[Reset()], [None], [Drop()], [None], [None]]

    def test_nothing_said_is_what_happens_without_a_script(self) -> None:
        """For each event."""
        script = Script({})

        assert [script.next(event) for event in EVENTS] == [[None]] * len(EVENTS)

    def test_each_event_is_counted_for_itself(self) -> None:
        """A drop at the first MAIL is none at the first RCPT."""
        script = Script({"MAIL": [Drop()], "RCPT": [Reset()]})

        assert [script.next("MAIL"), script.next("RCPT")] == [[Drop()], [Reset()]]


class TestActions:
    @pytest.mark.parametrize(
        ("action", "steps"),
        [
            pytest.param(b"250 ok", [Reply(b"250 ok\r\n", each=True)], id="usual-reply"),
            pytest.param(b"250 ok\r\n", [Reply(b"250 ok\r\n", each=True)], id="usual-reply-with-its-line-end"),
            pytest.param(b"250-a\n250 b\n", [Reply(b"250-a\n250 b\n", each=True)], id="odd-line-ends-stay"),
            pytest.param(Octets(b"25"), [Octets(b"25")], id="usual-octets-are-no-reply"),
            pytest.param(Sleep(3), [Sleep(3), None], id="usual-sleep-then-as-without"),
            pytest.param(Sleep(3, then=b"451 x"), [Sleep(3), Reply(b"451 x", each=True)], id="usual-sleep-then-said"),
            pytest.param((b"421 x", Drop()), [Reply(b"421 x"), Drop()], id="usual-several"),
            pytest.param((None, b"421 x"), [None, Reply(b"421 x")], id="usual-as-without-and-more"),
            pytest.param((Sleep(1), b"250 a"), [Sleep(1), Reply(b"250 a")], id="usual-sleep-before"),
            pytest.param((Sleep(1, then=Drop()),), [Sleep(1), Drop()], id="odd-sleep-with-its-then"),
            pytest.param(Sleep(1, then=(b"1", Sleep(2))), [Sleep(1), Reply(b"1"), Sleep(2)], id="odd-nested"),
            pytest.param((), [], id="odd-nothing-at-all"),
        ],
    )
    def test_what_an_action_comes_down_to(self, action: Any, steps: list[object]) -> None:
        """Alone it is instead of what would happen; in a tuple each is done, and nothing else."""
        assert Script({"dot": action}).next("dot") == steps


class TestMistakes:
    def test_a_reply_alone(self) -> None:
        """To what it is to be the reply has to be said."""
        with pytest.raises(TypeError, match=r"expected the actions of each event, .*, found b'550'"):
            Script(b"550")  # type: ignore[arg-type]  # the mistake

    def test_an_event_that_there_is_not(self) -> None:
        """A misspelt one would never happen, and the test would pass."""
        with pytest.raises(ValueError, match=r"expected an event \(connect, EHLO, .*\), found 'Mail'"):
            Script({"Mail": Drop()})

    @pytest.mark.parametrize(
        "action",
        [
            pytest.param("250 ok", id="usual-text"),
            pytest.param([b"250 ok", 250], id="usual-number-in-a-list"),
            pytest.param((b"250 ok", Drop), id="odd-class-in-a-tuple"),
            pytest.param(Sleep(1, then="451"), id="odd-text-behind-a-sleep"),  # type: ignore[arg-type]  # a mistake
        ],
    )
    def test_what_is_no_action(self, action: Any) -> None:
        """It is found before the server runs."""
        with pytest.raises(TypeError, match=r"expected octets, Octets, Drop, Reset, Sleep or a tuple for MAIL, found"):
            Script({"MAIL": action})
