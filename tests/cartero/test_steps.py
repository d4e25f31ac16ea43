"""What a conversation asks of a wire."""

from __future__ import annotations

from cartero.steps import Ask, Receive, Secure, Send


class Line:
    """Enough is a line."""

    def feed(self, octets: bytes) -> bool:
        """Whether *octets* end one."""
        return octets.endswith(b"\n")


class TestSteps:
    def test_each_says_what_is_to_be_done_and_how_long_it_may_take(self) -> None:
        """No socket, no clock: times are numbers of seconds until a wire takes them."""
        line = Line()

        assert Send([b"QUIT\r\n"], timeout=5).pieces == [b"QUIT\r\n"]
        assert Receive(line, timeout=60).reader is line
        assert Secure(timeout=30).timeout == 30
        assert Ask(lambda: "token").question() == "token"
