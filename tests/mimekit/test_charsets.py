"""Octets to text and back."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import charsets
from mimekit.errors import BadValue

JAPANESE = "日本語のメールです"
texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\ufeff\x1b$é~{日Ã©\x80\x81"))
LABELS = """
    utf-8 us-ascii iso-8859-1 windows-1252 koi8-r gb2312 big5 shift_jis euc-jp iso-2022-jp iso-2022-kr hz utf-16
    utf-16le utf-16be utf-32 cp037 johab euc-kr windows-1253 shift_jis_2004 x-unknown rot13
"""
labels = st.none() | st.text() | st.sampled_from(LABELS.split())
octet_strings = st.binary() | st.lists(
    st.sampled_from([b"\x1b$B", b"\x1b(B", b"\x1b$)C", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"abc", b"\xc3\xa9"])
    | st.sampled_from([b"<meta charset=", b"koi8-r>", b"<!--", b"-->", b"\0", b"~{", b"\xe9", b"\x81", b"\r\n"])
).map(b"".join)


def codes(decoded: charsets.Decoded) -> tuple[str, ...]:
    """The codes of the defects of *decoded*."""
    return tuple(defect.code for defect in decoded.defects)


class TestRules:
    @pytest.mark.parametrize(
        ("octets", "label", "text", "charset", "rule", "defects"),
        [
            pytest.param(b"plain", None, "plain", "us-ascii", "ascii", (), id="usual-ascii"),
            pytest.param(b"plain", "utf-8", "plain", "utf-8", "label", (), id="usual-ascii-labelled"),
            pytest.param("é".encode(), "UTF-8", "é", "utf-8", "label", (), id="usual-utf-8"),
            pytest.param(b"\xe9", "iso-8859-1", "é", "windows-1252", "latin", (), id="usual-latin-1"),
            pytest.param(b"\xcf\xf2", "koi8-r", "оР", "koi8-r", "label", (), id="usual-koi8"),
            pytest.param(b"\x93hi\x94", "iso-8859-1", "“hi”", "windows-1252", "latin", (), id="wild-c1-under-latin-1"),
            pytest.param("镕".encode("gbk"), "gb2312", "镕", "gb18030", "label", (), id="wild-gb2312-is-gb18030"),
            pytest.param("똠".encode("cp949"), "ks_c_5601-1987", "똠", "cp949", "label", (), id="wild-ks-c-is-cp949"),
            pytest.param("①".encode("cp932"), "shift_jis", "①", "cp932", "label", (), id="wild-shift-jis-is-cp932"),
            pytest.param(
                "שלום".encode("iso-8859-8"), "iso-8859-8-i", "שלום", "iso-8859-8", "label", (), id="wild-hebrew"
            ),
            pytest.param("สวัสดี".encode("cp874"), "windows-874", "สวัสดี", "cp874", "label", (), id="wild-thai"),
            pytest.param(b"caf\x82", "cp-850", "café", "cp850", "label", (), id="wild-cp-850"),
            pytest.param("é".encode(), "utf8", "é", "utf-8", "label", (), id="wild-utf8"),
            pytest.param(
                b"+AOk-", "unicode-1-1-utf-7", "+AOk-", "us-ascii", "ascii", ("unknown-charset",), id="wild-utf-7"
            ),
            pytest.param("é".encode(), None, "é", "utf-8", "utf-8", ("undeclared-8bit",), id="wild-undeclared-utf-8"),
            pytest.param("é".encode(), "us-ascii", "é", "utf-8", "utf-8", ("undeclared-8bit",), id="wild-ascii-utf-8"),
            pytest.param(
                b"\x80 caf\xe9", None, "€ café", "windows-1252", "fallback", ("undeclared-8bit",), id="wild-undeclared"
            ),
            pytest.param(
                b"caf\xe9", "us-ascii", "café", "windows-1252", "latin", ("undeclared-8bit",), id="wild-ascii"
            ),
            pytest.param(
                "é".encode(), "iso-8859-1", "é", "utf-8", "utf-8", ("wrong-charset",), id="odd-utf-8-as-latin-1"
            ),
            pytest.param(
                b"caf\xe9", "utf-8", "café", "windows-1252", "fallback", ("wrong-charset",), id="odd-latin-1-as-utf-8"
            ),
            pytest.param(
                b"caf\xe9", "gb2312", "café", "windows-1252", "fallback", ("wrong-charset",), id="odd-latin-1-as-gb"
            ),
            pytest.param(
                "é".encode(), "iso-2022-jp", "é", "utf-8", "utf-8", ("wrong-charset",), id="odd-utf-8-as-japanese"
            ),
            pytest.param(
                b"\x81\x8d\x8f\x90\x9d",
                None,
                "\x81\x8d\x8f\x90\x9d",
                "windows-1252",
                "fallback",
                ("undeclared-8bit",),
                id="odd-the-five-holes",
            ),
            pytest.param(
                b"plain", "utf-16", "plain", "us-ascii", "ascii", ("wrong-charset",), id="odd-ascii-as-utf-16"
            ),
            pytest.param("é".encode(), "utf-16", "é", "utf-8", "utf-8", ("wrong-charset",), id="odd-utf-8-as-utf-16"),
            pytest.param("a é".encode("utf-16-be"), "utf-16", "a é", "utf-16be", "label", (), id="odd-utf-16-big"),
            pytest.param("a é".encode("utf-16-le"), "utf-16", "a é", "utf-16le", "label", (), id="odd-utf-16-little"),
            pytest.param("a é".encode("utf-16-le"), "utf-16le", "a é", "utf-16le", "label", (), id="odd-utf-16le"),
            pytest.param("a é".encode("utf-32-be"), "utf-32", "a é", "utf-32be", "label", (), id="odd-utf-32"),
            pytest.param(b"a\x1bb", None, "a\x1bb", "us-ascii", "ascii", (), id="odd-escape-alone"),
            pytest.param(b"a\x1bb", "latin-1", "a\x1bb", "us-ascii", "ascii", (), id="odd-escape-alone-labelled"),
            pytest.param("中".encode("hz"), "hz-gb-2312", "中", "hz", "label", (), id="odd-hz"),
            pytest.param(b"~", "hz", "~", "us-ascii", "ascii", ("wrong-charset",), id="odd-no-hz"),
            pytest.param(b"\xa3\xe1", "big5", "€", "cp950", "label", (), id="odd-big5-of-microsoft"),
            pytest.param(b"\xad\xa1", "euc-jp", "①", "euc-jis-2004", "label", (), id="odd-circled-digit-in-euc"),
            pytest.param(b"", "x-unknown", "", "us-ascii", "ascii", ("unknown-charset",), id="odd-empty"),
            pytest.param(b"", " ", "", "us-ascii", "ascii", (), id="odd-blank-label"),
            *(
                pytest.param(
                    b"caf\xe9", label, "café", "windows-1252", "fallback", ("unknown-charset",), id=f"hostile-{label}"
                )
                for label in ("DEFAULT", "x-unknown", "unknown-8bit", "idna", "rot13", "hex", "utf-7", "\ud800", "\0")
            ),
        ],
    )
    def test_the_first_rule_that_fits_decides_wild_05_wild_06(
        self, octets: bytes, label: str | None, text: str, charset: str, rule: charsets.Rule, defects: tuple[str, ...]
    ) -> None:
        """RFC 2046, section 4.1.2, as mail has it: labels lie, UTF-8 does not."""
        decoded = charsets.decode(octets, label)

        assert (decoded.text, decoded.charset, decoded.rule, codes(decoded)) == (text, charset, rule, defects)

    @pytest.mark.parametrize(
        ("octets", "label", "charset", "defects"),
        [
            pytest.param(codecs.BOM_UTF8 + "é".encode(), "utf-8", "utf-8", (), id="usual-utf-8"),
            pytest.param(codecs.BOM_UTF8 + "é".encode(), None, "utf-8", ("undeclared-8bit",), id="usual-undeclared"),
            pytest.param("\ufeffé".encode("utf-16-le"), "utf-16", "utf-16le", (), id="usual-utf-16"),
            pytest.param(
                "\ufeffé".encode("utf-16-be"), "iso-8859-1", "utf-16be", ("wrong-charset",), id="odd-label-lies"
            ),
            pytest.param("\ufeffé".encode("utf-32-le"), "utf-32", "utf-32le", (), id="odd-utf-32"),
            pytest.param(codecs.BOM_UTF8 + "é".encode(), "x-unknown", "utf-8", ("unknown-charset",), id="odd-unknown"),
        ],
    )
    def test_a_byte_order_mark_decides(
        self, octets: bytes, label: str | None, charset: str, defects: tuple[str, ...]
    ) -> None:
        """RFC 2781, section 4: the mark tells the charset and is no part of the text."""
        decoded = charsets.decode(octets, label)

        assert (decoded.text, decoded.charset, decoded.rule, codes(decoded)) == ("é", charset, "bom", defects)

    @pytest.mark.parametrize("label", [None, "us-ascii", "iso-8859-1", "x-unknown"])
    def test_the_escapes_of_japanese_mail_are_known(self, label: str | None) -> None:
        """RFC 1468: ESC $ B begins JIS X 0208."""
        decoded = charsets.decode(JAPANESE.encode("iso2022_jp"), label)

        assert (decoded.text, decoded.rule) == (JAPANESE, "escape")

    def test_a_label_of_utf_8_wins_over_escapes(self) -> None:
        """What is composed comes back: a text may hold ESC $ itself."""
        assert charsets.decode(b"a\x1b$Bb", "utf-8").text == "a\x1b$Bb"

    def test_escapes_that_mean_nothing_stay(self) -> None:
        """They are ASCII controls as any other."""
        assert charsets.decode(b"pay \x1b$5").text == "pay \x1b$5"

    def test_korean_escapes_are_known(self) -> None:
        """RFC 1557: ESC $ ) C stands before Korean text."""
        assert charsets.decode("한국".encode("iso2022_kr")).text == "한국"

    @pytest.mark.parametrize(
        ("octets", "text"),
        [
            pytest.param(b"\x1b$B-!\x1b(B.", "①.", id="circled-digit"),
            pytest.param(b"\x1b$B|b\x1b(B", "髙", id="name-of-the-code-page"),
            pytest.param(b'\x1b$B-!$"\x1b(I1\x1b(Bx', "①あｱx", id="narrow-kana"),
            pytest.param(b"\x1b$B-!\xb1", "①ｱ", id="8bit-kana"),
        ],
    )
    def test_characters_of_outlook_are_read(self, octets: bytes, text: str) -> None:
        """WHATWG, Encoding, section 13.2: its JIS X 0208 has the rows of Microsoft's code page."""
        decoded = charsets.decode(octets, "iso-2022-jp")

        assert (decoded.text, decoded.charset) == (text, "iso-2022-jp")


class TestDamage:
    @pytest.mark.parametrize(
        ("octets", "label", "text", "offset"),
        [
            pytest.param(
                JAPANESE.encode("cp932") * 2 + b"\x81", "shift_jis", JAPANESE * 2 + "\ufffd", 36, id="shift-jis"
            ),
            pytest.param(JAPANESE.encode() * 2 + b"\xe3\x81", "utf-8", JAPANESE * 2 + "\ufffd", 54, id="cut-utf-8"),
            pytest.param("an odd octet".encode("utf-16-le") + b"x", "utf-16le", "an odd octet\ufffd", 24, id="utf-16"),
            pytest.param(
                "an odd octet".encode("utf-16-le") + b"x", "utf-16", "an odd octet\ufffd", 24, id="open-order"
            ),
            pytest.param(codecs.BOM_UTF8 + b"a\xff", None, "a\ufffd", 4, id="mark"),
        ],
    )
    def test_a_little_damage_does_not_cost_the_text(
        self, octets: bytes, label: str | None, text: str, offset: int
    ) -> None:
        """The label is believed while ten characters come out right for each that does not."""
        decoded = charsets.decode(octets, label)

        assert decoded.text == text
        assert [defect.offset for defect in decoded.defects if defect.code == "undecodable-octets"] == [offset]

    def test_a_replacement_character_that_was_sent_is_no_damage(self) -> None:
        """U+FFFD can be written in UTF-8."""
        assert charsets.decode(codecs.BOM_UTF8 + "\ufffd".encode(), "utf-8").defects == ()

    def test_a_replacement_character_behind_a_mark_has_no_place(self) -> None:
        """The octets decode to it, and so nothing is damaged."""
        assert codes(charsets.decode(codecs.BOM_UTF8 + "\ufffd".encode(), "us-ascii")) == ("undeclared-8bit",)

    def test_much_damage_is_another_charset(self) -> None:
        """Latin-1 under a label of UTF-8 is still read."""
        assert charsets.decode(b"na\xefve caf\xe9", "utf-8").text == "naïve café"


class TestPages:
    @pytest.mark.parametrize(
        ("head", "charset"),
        [
            pytest.param(b"<meta charset=koi8-r>", "koi8-r", id="usual"),
            pytest.param(b'<META CHARSET="windows-1251" />', "windows-1251", id="usual-quoted"),
            pytest.param(
                b"<meta content='text/html; charset=gb2312' http-equiv=Content-Type>", "gb18030", id="usual-http-equiv"
            ),
            pytest.param(b'<?xml version="1.0" encoding="koi8-r"?>', "koi8-r", id="usual-xml"),
            pytest.param(b'<meta name=x><meta charset="koi8-r">', "koi8-r", id="odd-second"),
            pytest.param(b"<!-- <meta charset=big5> --><meta charset=koi8-r>", "koi8-r", id="odd-comment"),
            pytest.param(
                b'<meta http-equiv="content-type" content="a>b; charset = \'koi8-r\'">', "koi8-r", id="odd-greater"
            ),
            pytest.param(
                b'<meta name="description" content="charset=koi8-r">', "windows-1252", id="odd-only-described"
            ),
            pytest.param(b'<meta http-equiv="content-type" content="text/html">', "windows-1252", id="odd-no-charset"),
            pytest.param(b"<meta charset=x-unknown>", "windows-1252", id="odd-unknown"),
            pytest.param(b"<meta charset=utf-8>", "windows-1252", id="odd-not-utf-8"),
            pytest.param(b"<meta charset=utf-16>", "windows-1252", id="odd-not-utf-16"),
            pytest.param(b"<meta charset=iso-8859-1>", "windows-1252", id="odd-latin-1"),
            pytest.param(b"<metal charset=koi8-r>", "windows-1252", id="odd-another-element"),
            pytest.param(b"<!-- <meta charset=koi8-r>", "windows-1252", id="odd-unclosed-comment"),
            pytest.param(b" " * 1024 + b"<meta charset=koi8-r>", "windows-1252", id="hostile-too-late"),
            pytest.param(b"<meta " * 200, "windows-1252", id="hostile-many"),
            pytest.param(b"<meta a" + b'"' * 500, "windows-1252", id="hostile-quotes"),
        ],
    )
    def test_a_page_is_asked_before_windows_1252(self, head: bytes, charset: str) -> None:
        """WHATWG, HTML, section 13.2.3.2: the prescan looks at the first 1024 octets."""
        assert charsets.decode(head + b"\xc4\xe9", html=True).charset == charset

    def test_a_page_is_believed_below_valid_utf_8(self) -> None:
        """Octets that are UTF-8 are UTF-8, whatever they say."""
        assert charsets.decode(b"<meta charset=koi8-r>" + "é".encode(), html=True).rule == "utf-8"

    def test_a_label_of_latin_1_is_believed_above_the_page(self) -> None:
        """The field is the sender's own word."""
        assert charsets.decode(b"<meta charset=koi8-r>\xe9", "iso-8859-1", html=True).rule == "latin"

    def test_a_wrong_label_gives_way_to_the_page(self) -> None:
        """A label whose charset does not have the octets says nothing."""
        decoded = charsets.decode(b"<meta charset=koi8-r>\xe9", "gb2312", html=True)

        assert (decoded.text[-1], decoded.rule, codes(decoded)) == ("И", "meta", ("wrong-charset",))

    def test_a_damaged_page_is_read_by_what_it_says(self) -> None:
        """Little damage does not cost the text here either."""
        decoded = charsets.decode(b"<meta charset=gb2312>" + "中文".encode("gbk") * 9 + b"\xff", html=True)

        assert (decoded.text[-2:], decoded.rule) == ("文\ufffd", "meta")
        assert codes(decoded) == ("undeclared-8bit", "undecodable-octets")

    def test_text_is_not_asked(self) -> None:
        """A plain text may quote a page."""
        assert charsets.decode(b"<meta charset=koi8-r>\xe9").rule == "fallback"


class TestEncoding:
    @pytest.mark.parametrize(
        ("text", "charset", "octets", "label"),
        [
            pytest.param("plain", "utf-8", b"plain", "us-ascii", id="usual-ascii"),
            pytest.param("é", "utf-8", b"\xc3\xa9", "utf-8", id="usual-utf-8"),
            pytest.param("é", "latin1", b"\xe9", "iso-8859-1", id="usual-latin-1"),
            pytest.param("日", "ISO-2022-JP", b"\x1b$BF|\x1b(B", "iso-2022-jp", id="usual-japanese"),
            pytest.param("€", "iso-8859-1", b"\xe2\x82\xac", "utf-8", id="usual-does-not-fit"),
            pytest.param("plain", "utf-16", b"plain", "us-ascii", id="odd-ascii-first"),
            pytest.param("é", "utf-16", b"\xfe\xff\0\xe9", "utf-16", id="odd-utf-16"),
            pytest.param("é", "utf-16le", b"\xe9\0", "utf-16le", id="odd-utf-16le"),
            pytest.param("中文", "utf-16le", b"-N\x87e", "utf-16le", id="odd-utf-16-without-nul"),
            pytest.param("Ã©", "iso-8859-1", b"\xc3\x83\xc2\xa9", "utf-8", id="odd-latin-1-that-is-utf-8"),
            pytest.param("ÿþ", "iso-8859-1", b"\xc3\xbf\xc3\xbe", "utf-8", id="odd-latin-1-that-is-a-mark"),
            pytest.param("\ufeffa", "utf-8", b"\xef\xbb\xbf\xef\xbb\xbfa", "utf-8", id="odd-begins-with-a-mark"),
            pytest.param("\x1b$B", "utf-8", b"\x1b$B", "utf-8", id="odd-escapes"),
            pytest.param("\x1b$B0!", "us-ascii", b"\x1b$B0!", "utf-8", id="odd-ascii-that-is-japanese"),
            pytest.param("שלום", "iso-8859-8-i", "שלום".encode("iso-8859-8"), "iso-8859-8-i", id="odd-hebrew"),
        ],
    )
    def test_the_narrowest_charset_that_comes_back_is_taken(
        self, text: str, charset: str, octets: bytes, label: str
    ) -> None:
        """RFC 2046, section 4.1.2: the label should be the lowest common denominator."""
        assert charsets.encode(text, charset) == (octets, label)

    @pytest.mark.parametrize("charset", ["rot13", "x-unknown", "utf-7", "", "idna"])
    def test_an_unknown_charset_is_refused(self, charset: str) -> None:
        """Even where ASCII would do, so that the mistake is found."""
        with pytest.raises(BadValue, match="unknown charset"):
            charsets.encode("plain", charset)

    def test_a_lone_surrogate_is_refused(self) -> None:
        """It is no character of any charset."""
        with pytest.raises(BadValue, match="surrogate"):
            charsets.encode("a\ud800")

    @given(texts, st.sampled_from(["utf-8", "latin-1", "gb2312", "iso-2022-jp", "hz", "utf-16", "utf-32-le", "cp037"]))
    def test_what_is_written_is_read_back(self, text: str, charset: str) -> None:
        """Law 6, for the body of a text part and of a page."""
        octets, label = charsets.encode(text, charset)

        assert charsets.decode(octets, label).text == text
        assert charsets.decode(octets, label, html=True).text == text


class TestHeaderOctets:
    @pytest.mark.parametrize(
        ("octets", "text", "eight_bit"),
        [
            pytest.param(b"plain", "plain", False, id="usual"),
            pytest.param("é".encode(), "é", True, id="wild-utf-8"),
            pytest.param(b"\x80 \xe9", "€ é", True, id="wild-windows-1252"),
            pytest.param(b"\x81", "\x81", True, id="odd-hole"),
        ],
    )
    def test_raw_octets_become_readable_wild_08(self, octets: bytes, text: str, eight_bit: bool) -> None:
        """RFC 6532 where it is valid, else what Windows wrote."""
        assert charsets.decode_8bit(octets.decode("latin-1")) == (text, eight_bit)

    def test_text_that_was_decoded_already_stays(self) -> None:
        """It is no view of octets."""
        assert charsets.decode_8bit("日本") == ("日本", True)


class TestDecoded:
    def test_it_is_a_value(self) -> None:
        """Equal by meaning, hashable, and frozen."""
        one, other = charsets.decode(b"a"), charsets.decode(b"a")

        assert one == other
        assert hash(one) == hash(other)
        assert one != charsets.decode(b"b")
        assert one != "a"
        assert repr(one) == "<Decoded us-ascii by ascii: 'a'>"
        with pytest.raises(AttributeError):
            one.text = "b"  # type: ignore[misc]


@given(octet_strings, labels, st.booleans())
def test_nothing_raises_on_any_octets(octets: bytes, label: str | None, html: bool) -> None:
    """Law 4: no byte string makes a body raise; and its text can always be written again."""
    decoded = charsets.decode(octets, label, html=html)

    decoded.text.encode("utf-8")
    assert codecs.lookup(decoded.charset)


@given(texts)
def test_labelled_utf_8_agrees_with_the_standard_library(text: str) -> None:
    """The oracle is right here."""
    assert charsets.decode(text.encode("utf-8"), "utf-8").text == text.encode("utf-8").decode("utf-8-sig")


@given(st.binary())
def test_header_octets_agree_with_a_careful_reader(octets: bytes) -> None:
    """The rule of wild line 8, written down a second time."""
    try:
        expected = octets.decode("utf-8")
    except UnicodeDecodeError:
        expected = "".join(bytes((octet,)).decode("cp1252", "ignore") or chr(octet) for octet in octets)

    assert charsets.decode_8bit(octets.decode("latin-1"))[0] == expected
