"""Values of settings in a URL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import BadURL
from cartero.integrations._variables import with_values
from cartero.url import SenderURL

SETTINGS = {"USER": "me@x.org", "PW": "s:c/r?t$", "PORT": 25, "_": "under"}


class TestVariables:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            pytest.param("smtp://me:$PW@host", "smtp://me:s%3Ac%2Fr%3Ft%24@host", id="usual-password"),
            pytest.param("smtp://$USER:${PW}@host:25", "smtp://me%40x.org:s%3Ac%2Fr%3Ft%24@host:25", id="usual-user"),
            pytest.param("smtp://host?ca=$USER", "smtp://host?ca=me%40x.org", id="usual-option"),
            pytest.param("smtp://h?ca=$_&tls=require", "smtp://h?ca=under&tls=require", id="usual-first-option"),
            pytest.param(
                "failover:(smtp://a:$_@b?ca=$_ smtp://c?ca=$_)",
                "failover:(smtp://a:under@b?ca=under smtp://c?ca=under)",
                id="odd-several",
            ),
            pytest.param("xmlrpc+https://:$_@host/p", "xmlrpc+https://:under@host/p", id="odd-password-alone"),
            pytest.param("smtp://me:$NEVER@host", "smtp://me:$NEVER@host", id="odd-for-the-environment"),
            pytest.param("maildir:$USER", "maildir:$USER", id="odd-path"),
            pytest.param("smtp://me:a$PW@host", "smtp://me:a$PW@host", id="odd-in-the-middle"),
            pytest.param("smtp://me:$PW$@host", "smtp://me:$PW$@host", id="odd-more-behind"),
            pytest.param("smtp://$$PW:$@host", "smtp://$$PW:$@host", id="hostile-signs"),
            pytest.param("", "", id="hostile-nothing"),
        ],
    )
    def test_a_value_stands_where_its_name_did(self, url: str, expected: str) -> None:
        """Where `cartero.connect` takes a variable of the environment, settings may have it; nowhere else."""
        assert with_values(url, SETTINGS) == expected

    @given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
    def test_what_a_setting_holds_is_what_the_url_says(self, value: str) -> None:
        """It may hold any sign, one that would end a password too."""
        url = SenderURL.parse(with_values("smtp://$X:$X@host?ca=$X&key=1", {"X": value}))

        assert (url.endpoint().user, url.endpoint().password) == (value, value)
        assert url.options("ca", "key")["ca"] == value

    def test_what_is_no_text_is_refused(self) -> None:
        """A number would be written in a way of its own; and a secret is not shown."""
        with pytest.raises(BadURL, match=r"^expected text as PORT in the settings, found int$"):
            with_values("smtp://me:$PORT@host", SETTINGS)
