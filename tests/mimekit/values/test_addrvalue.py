"""The values: an address, a group."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from mimekit.errors import BadValue
from mimekit.values.address import Address, Group

# what type checkers know nothing of
_address: Any = Address
_group: Any = Group


class TestAddress:
    """The value for one address."""

    def test_it_has_the_signature_of_the_standard_library(self) -> None:
        """Who knows email.headerregistry.Address knows this one."""
        address = Address("Ana", "ana", "example.org")

        assert (address.display_name, address.username, address.domain) == ("Ana", "ana", "example.org")
        assert address.addr_spec == "ana@example.org"

    @pytest.mark.parametrize(
        ("parts", "text"),
        [
            pytest.param(("", "a", "b.org"), "a@b.org", id="usual-bare"),
            pytest.param(("Ana", "a", "b.org"), "Ana <a@b.org>", id="usual-named"),
            pytest.param(("Doe, John", "a", "b.org"), '"Doe, John" <a@b.org>', id="usual-comma"),
            pytest.param(("J. Doe", "a", "b.org"), '"J. Doe" <a@b.org>', id="usual-dot"),
            pytest.param(("Jürgen", "a", "b.org"), "Jürgen <a@b.org>", id="usual-readable"),
            pytest.param(("Ana", "a", "straße.de"), "Ana <a@straße.de>", id="usual-domain-in-its-script"),
            pytest.param((' "a"\\', "a", "b.org"), '" \\"a\\"\\\\" <a@b.org>', id="odd-quotes"),
            pytest.param(("", "a b", "b.org"), '"a b"@b.org', id="odd-local-part"),
            pytest.param(("", "a..b", "b.org"), '"a..b"@b.org', id="odd-dots"),
            pytest.param(("", "root", ""), "root", id="odd-local-user"),
            pytest.param(("", "the root", ""), '<"the root">', id="odd-local-user-in-quotes"),
            pytest.param(("", "jürgen", ""), "<jürgen>", id="odd-local-user-not-ascii"),
            pytest.param(("Ana", "a", "[192.0.2.1]"), "Ana <a@[192.0.2.1]>", id="odd-literal"),
            pytest.param(("=?utf-8?q?x?=", "a", "b.org"), '"=?utf-8?q?x?=" <a@b.org>', id="hostile-look-alike"),
        ],
    )
    def test_as_text_it_is_readable_wild_17(self, parts: tuple[str, str, str], text: str) -> None:
        """RFC 5322, section 3.2.5: a phrase is words; specials stand only in quoted strings."""
        assert str(Address(*parts)) == text

    @pytest.mark.parametrize(
        "parts",
        [
            pytest.param(("Ana", "", "example.org"), id="usual-no-username"),
            pytest.param(("Ana", "", ""), id="usual-nothing"),
            pytest.param(("", "a@b.org", ""), id="usual-addr-spec-as-username"),
            pytest.param(("", "a", "b..org"), id="usual-empty-label"),
            pytest.param(("", "a", "b org"), id="usual-space-in-domain"),
            pytest.param(("", "a", ".org"), id="odd-leading-dot"),
            pytest.param(("", "a", "[x"), id="odd-half-literal"),
            pytest.param(("a\r\nBcc: x@y.org", "a", "b.org"), id="hostile-crlf"),
            pytest.param(("a\0", "a", "b.org"), id="hostile-nul"),
            pytest.param(("\ud800", "a", "b.org"), id="hostile-surrogate"),
            pytest.param(("", "a\n", "b.org"), id="hostile-lf-in-username"),
            pytest.param(("", "a\ud800", "b.org"), id="hostile-surrogate-in-username"),
            pytest.param(("", "a\t", "b.org"), id="hostile-control-in-username"),
            pytest.param(("", "a", "b\x7f.org"), id="hostile-control-in-domain"),
            pytest.param(("", "a", "b.org>, <c@d.org"), id="hostile-brackets"),
            pytest.param(("", "a" * 900, "b.org"), id="hostile-long"),
        ],
    )
    def test_what_mail_cannot_carry_is_refused_wild_18(self, parts: tuple[str, str, str]) -> None:
        """RFC 5322, section 3.4.1; and a CR or LF would forge another field."""
        with pytest.raises(BadValue):
            Address(*parts)

    def test_an_addr_spec_is_both_parts_in_one(self) -> None:
        """As in the standard library; the quotes of the local part are undone."""
        assert Address("Ana", addr_spec='"a b"@example.org') == Address("Ana", "a b", "example.org")

    @pytest.mark.parametrize(
        "addr_spec",
        ["", "a@", "@b", "a b@c.org", "Ana <a@b.org>", "<a@b.org>", "a@b.org, c@d.org", "a@b.org (Ana)", "g:;"],
    )
    def test_an_addr_spec_holds_nothing_else(self, addr_spec: str) -> None:
        """RFC 5322, section 3.4.1: local-part "@" domain."""
        with pytest.raises(BadValue):
            Address(addr_spec=addr_spec)

    def test_an_addr_spec_excludes_its_parts(self) -> None:
        """The standard library raises TypeError there too."""
        with pytest.raises(TypeError):
            Address("Ana", "a", addr_spec="a@b.org")

    def test_it_is_frozen(self) -> None:
        """A value is changed by replace."""
        with pytest.raises(AttributeError):
            Address("", "a", "b.org").domain = "c.org"  # type: ignore[misc]  # the point

    def test_replace_changes_what_is_named(self) -> None:
        """The rest stays."""
        address = Address("Ana", "a", "b.org")

        assert address.replace(display_name="") == Address("", "a", "b.org")
        assert address.replace(username="c", domain="d.org") == Address("Ana", "c", "d.org")
        assert address.replace(addr_spec="c@d.org") == Address("Ana", "c", "d.org")

    def test_equal_is_what_means_the_same(self) -> None:
        """RFC 5321, section 2.4: a domain is compared without case, a local part with it. RFC 5890, section 2.3.2.4."""
        address = Address("Ana", "a", "straße.de")

        assert address == Address("Ana", "a", "XN--strae-oqa.de")
        assert hash(address) == hash(Address("Ana", "a", "xn--strae-oqa.DE"))
        assert address != Address("Ana", "A", "straße.de")
        assert address != Address("Ana", "a", "strasse.de")
        assert Address("", "a", "ü_.org") == Address("", "a", "Ü_.org")
        assert address != "Ana <a@straße.de>"

    def test_it_can_be_copied_and_pickled(self) -> None:
        """Queues carry values."""
        group = Group("All", [Address("Ana", "a", "b.org")])

        assert pickle.loads(pickle.dumps(group)) == copy.deepcopy(group) == group  # noqa: S301  # our own
        assert repr(group.addresses[0]) == "Address(display_name='Ana', username='a', domain='b.org')"
        assert repr(Group("All")) == "Group(display_name='All', addresses=())"

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            pytest.param("Ana <a@b.org>", Address("Ana", "a", "b.org"), id="usual"),
            pytest.param("a@b.org", Address("", "a", "b.org"), id="usual-bare"),
            pytest.param("a@b.org (Ana)", Address("Ana", "a", "b.org"), id="odd-comment"),
            pytest.param("root", Address("", "root"), id="odd-local"),
        ],
    )
    def test_parse_reads_one(self, text: str, address: Address) -> None:
        """RFC 5322, section 3.4."""
        assert Address.parse(text) == address

    @pytest.mark.parametrize(
        "text", ["", "a@b.org, c@d.org", "All: a@b.org;", "John Doe", "a@b.org x", "a@b.org\r\nX: y"]
    )
    def test_parse_refuses_what_is_not_exactly_one(self, text: str) -> None:
        """Nothing is lost and nothing guessed."""
        with pytest.raises(BadValue):
            Address.parse(text)


class TestGroup:
    """The value for a group."""

    def test_a_group_may_be_empty(self) -> None:
        """RFC 5322, section 3.4: group = display-name ":" [group-list] ";"."""
        assert str(Group("Undisclosed recipients")) == "Undisclosed recipients:;"

    def test_a_group_shows_its_members(self) -> None:
        """As in the standard library, but that its name is quoted too."""
        group = Group("All, of us", [Address("Ana", "a", "b.org"), Address("", "root")])

        assert str(group) == '"All, of us": Ana <a@b.org>, <root>;'

    def test_without_a_name_it_is_its_addresses(self) -> None:
        """The standard library's form of a bare address."""
        assert str(Group(None, [Address("Ana", "a", "b.org")])) == "Ana <a@b.org>"
        assert str(Group()) == ""

    def test_replace_changes_what_is_named(self) -> None:
        """The rest stays."""
        group = Group("All", [Address("Ana", "a", "b.org")])

        assert group.replace(display_name="None", addresses=()) == Group("None")
        assert group.replace() == group
        assert hash(group) == hash(group.replace())
        assert group != "All: Ana <a@b.org>;"

    @pytest.mark.parametrize("name", ["a\rb", "a\nb", "a\0b", "\udfff"])
    def test_a_name_that_mail_cannot_carry_is_refused_wild_18(self, name: str) -> None:
        """A CR or LF would forge another field."""
        with pytest.raises(BadValue):
            Group(name)

    def test_members_are_addresses(self) -> None:
        """A str in a group would be one more place to guess."""
        with pytest.raises(BadValue, match="found str"):
            Group("All", ["a@b.org"])  # type: ignore[list-item]  # the point


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        pytest.param(lambda: _address(3, "a", "b.c"), "display_name is a str, not int", id="usual-display-name"),
        pytest.param(lambda: _address(None, "a", "b.c"), "display_name is a str, not NoneType", id="usual-none"),
        pytest.param(lambda: _address("", 3, "b.c"), "username is a str, not int", id="usual-username"),
        pytest.param(lambda: _address("", "a", 3), "domain is a str, not int", id="usual-domain"),
        pytest.param(lambda: _address(addr_spec=3), "an address is a str, not int", id="usual-addr-spec"),
        pytest.param(lambda: _address("", "a", "b.c").replace(domain=3), "domain is a str", id="usual-replaced"),
        pytest.param(lambda: _address.parse(None), "an address is a str, not NoneType", id="usual-parsed"),
        pytest.param(lambda: _group(3), "the name of a group is a str, not int", id="usual-group"),
        pytest.param(lambda: _group("All", 3), "the addresses of a group, found int", id="usual-members"),
        pytest.param(lambda: Address("Bo <bo@x.org>"), r"found none; Address\.parse\(\) reads", id="odd-text-as-name"),
    ],
)
def test_parts_of_another_type_are_refused(make: Callable[[], object], problem: str) -> None:
    """A caller's mistake says what was expected and found."""
    with pytest.raises(BadValue, match=problem):
        make()
