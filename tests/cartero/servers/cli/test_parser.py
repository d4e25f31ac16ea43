"""The command line: what may be said."""

from __future__ import annotations

import pytest

from cartero.cli._exits import UsageError
from cartero.servers.cli._parser import octets, parse_options


@pytest.mark.parametrize(
    ("text", "size"),
    [
        pytest.param("1000", 1_000, id="usual-octets"),
        pytest.param("50M", 52_428_800, id="usual-megabytes"),
        pytest.param("64k", 65_536, id="usual-small-letter"),
        pytest.param("1G", 1_073_741_824, id="usual-gigabyte"),
    ],
)
def test_a_size_has_a_unit(text: str, size: int) -> None:
    """As people write them."""
    assert octets(text) == size


@pytest.mark.parametrize("text", ["", "0", "0M", "-1", "1.5M", "1T", "M", "\u0661", "1" * 40])
def test_what_is_no_size_is_refused(text: str) -> None:
    """A limit of nothing is a server that takes nothing."""
    with pytest.raises(UsageError, match="--max-size"):
        parse_options(["--smtp", "1", f"--max-size={text}"])


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "many", "1" * 20])
def test_what_is_no_number_is_refused(text: str) -> None:
    """As for sizes."""
    with pytest.raises(UsageError, match="--max-recipients"):
        parse_options(["--smtp", "1", f"--max-recipients={text}"])


def test_every_option_is_understood() -> None:
    """Any mix, each as often as one likes."""
    line = (
        "--smtp 1 --smtp [::1]:2 --smtps 3 --lmtp unix:x --xmlrpc 4 --via null: --tls-cert c --tls-key k --users u "
        "--domain a.org --domain b.org --allow 10.0.0.0/8 --token-file t --own-name mx.example.org --max-size 1M "
        "--max-recipients 5 --max-line 2K --max-connections 6 --max-held 3M --max-hops 7 --idle-timeout 8 "
        "--message-timeout 9 --rate 0.5 -v"
    )

    options = parse_options(line.split())

    assert (options.smtp, options.domain) == (["1", "[::1]:2"], ["a.org", "b.org"])
    assert (options.max_size, options.rate, options.own_name) == (1_048_576, 0.5, "mx.example.org")


def test_the_help_shows_how_to_begin() -> None:
    """Who is new copies the first line that fits."""
    assert "cartero-serve --smtp 127.0.0.1:2525 --via console:" in parse_options(["--help"]).asked


def test_the_version_is_that_of_the_distribution() -> None:
    """One distribution, one version."""
    assert parse_options(["--version"]).asked.startswith("cartero-serve ")


@pytest.mark.parametrize("arguments", [["--max-size", "x", "--smtp", "1"], ["--smtp"], ["--token", "secret"], ["2525"]])
def test_what_is_not_understood_is_a_usage_error(arguments: list[str]) -> None:
    """It says where more stands."""
    with pytest.raises(UsageError, match="--help"):
        parse_options(arguments)
