"""Law 2: reading changes nothing. Whatever is read, in whatever order, the bytes written stay the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimekit
from tests import strategies
from tests.laws import real
from tests.laws.seen import READINGS, shape

_orders = st.lists(st.sampled_from(sorted(READINGS)), max_size=12)


@pytest.mark.parametrize("name", READINGS)
@given(octets=strategies.anything())
def test_a_reading_changes_nothing(name: str, octets: bytes) -> None:
    """Whatever is read, the bytes written stay the same."""
    message = mimekit.parse(octets)

    READINGS[name](message)

    assert bytes(message) == octets
    assert message.composed is False


@given(strategies.anything(), _orders)
def test_readings_in_any_order_change_nothing(octets: bytes, order: list[str]) -> None:
    """Whatever is read, in whatever order, the bytes written stay the same."""
    message = mimekit.parse(octets)

    for name in order:
        READINGS[name](message)

    assert bytes(message) == octets


@given(strategies.anything(), _orders)
def test_what_is_read_does_not_depend_on_what_was_read_before(octets: bytes, order: list[str]) -> None:
    """Parsing twice gives equal values, in whatever order they are asked for."""
    first, second = mimekit.parse(octets), mimekit.parse(octets)

    for name in order:
        READINGS[name](second)

    assert shape(first) == shape(second)
    assert first.all_defects() == second.all_defects()


@given(strategies.built_messages(), _orders)
def test_reading_a_built_message_changes_nothing(message: mimekit.MIMEMessage, order: list[str]) -> None:
    """What was composed is written the same, read or not."""
    before = bytes(message)

    for name in order:
        READINGS[name](message)

    assert bytes(message) == before


@pytest.mark.corpus
@real.every_batch
def test_reading_real_messages_changes_nothing(batch: real.Batch) -> None:
    """Every way of reading, in an order of chance, leaves every octet of every real message."""

    def law(octets: bytes) -> None:
        message = mimekit.parse(octets)
        names = sorted(READINGS)
        real.chance(octets).shuffle(names)
        for name in names:
            READINGS[name](message)
            assert bytes(message) == octets, name

    real.hold(batch, law)
