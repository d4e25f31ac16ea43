"""Reads the addresses in a text, however they are written. Never raises, never recurses."""

from __future__ import annotations

import re

from .._grammar import is_atom, is_dot_atom, unquote
from .addrspec import flaw
from .addrtokens import Reading, Token, chunks, glue, is_mailto, solid_of, tokenize, without_prefix

_Parts = tuple[str, str, str]  # display name, username (unquoted), domain
_Named = tuple[str | None, list[_Parts]]

# One usual address up to its comma: a name, quoted or not (with dots: obs-phrase), and what is in brackets; or bare.
_NAME = r'[^\x00-\x20"(),:;<>@\[\\\]\x7f]++'
_LOCAL = r"[!#$%&'*+\-/0-9=?A-Z^_`a-z{|}~]++(?:\.[!#$%&'*+\-/0-9=?A-Z^_`a-z{|}~]++)*+"
# The local part has no single quote in front: that is one of a pair around the whole, perhaps.
USUAL = re.compile(
    rf"""[ \t]*+ (?: (?: "([^"\\]*+)" | ({_NAME}(?:\x20{_NAME})*+) )?+ [ \t]*+ (<) )?+
    ((?!'){_LOCAL})@({_LOCAL}) (?(3)>) [ \t]*+ (?:,|\Z)""",
    re.VERBOSE,
)
# What such an address is made of.
SPEC = re.compile(rf"(?!'){_LOCAL}@{_LOCAL}")
# The same with the name behind it in a comment, as it was written before names stood in front.
COMMENTED = rf"((?!'){_LOCAL})@({_LOCAL})\x20\(((?:[A-Za-z0-9.'-]++\x20?+)++)(?<!\x20)\)"
_STRICT_SPECS = frozenset({"w@w", "q@w", "w@l", "q@l"})
SURELY_SHORT = 500  # characters, of an address that is not too long


def read_usual(text: str, place: int, reading: Reading) -> tuple[list[_Parts], int]:
    """The addresses in *text* from *place* as far as they are of the usual form, and where the first odd one begins."""
    found: list[_Parts] = []
    size = len(text)
    while place < size and (match := USUAL.match(text, place)):
        quoted, words, _, username, domain = match.groups()
        name = quoted or words or ""
        if "=?" in match[0]:
            if not words or "=?" in f"{username}@{domain}":
                break
            name = reading.decode(name)
        elif words and "." in words:
            reading.is_strict = False  # RFC 5322 4.1: obs-phrase
        end = match.end()
        if end - place > SURELY_SHORT and flaw(username, domain):
            break
        found.append((name, username, domain))
        place = end
    return found, place


def read_addresses(text: str, start: int, reading: Reading, *, words_in_quotes: bool) -> list[_Named]:
    """The addresses in *text* from *start*: names of groups with their addresses, a name of None for one bare address.

    Args:
        text: a field body, unfolded and decoded but for its encoded words.
        start: where to begin.
        reading: takes what there is to say about it.
        words_in_quotes: whether encoded words are read in quoted strings too, as mail has them against RFC 2047,
            section 5.

    RFC 5322, sections 3.4 and 4.4.
    """
    reader = _Reader(reading, words_in_quotes=words_in_quotes)
    reader.read(tokenize(text, start, reading), text)
    return reader.groups


class _Reader:
    """The grammar, as a loop over tokens: one entry is gathered at a time, and ended by what follows it."""

    __slots__ = (
        "_angle",
        "_held",
        "_members",
        "_name",
        "_opened",
        "_reading",
        "_words",
        "_words_in_quotes",
        "groups",
    )

    def __init__(self, reading: Reading, *, words_in_quotes: bool) -> None:
        self.groups: list[_Named] = []
        self._reading = reading
        self._words_in_quotes = words_in_quotes
        self._words: list[Token] = []  # what was read last and belongs to no bracket
        self._name: list[Token] = []  # what stood before the bracket
        self._angle: list[Token] | None = None  # what stood in it
        self._held: list[list[Token]] = []  # entries without an address, each ended by a comma
        self._members: list[_Parts] | None = None  # of the group that is open
        self._opened = ""  # the mark, if what is gathered began behind that of a group: ":" or ";"

    def read(self, tokens: list[Token], text: str) -> None:
        """Add everything in *tokens*, which are those of *text*, to the reading."""
        index = 0
        is_ended = False
        while index < len(tokens):
            token = tokens[index]
            kind = token[0]
            index += 1
            if kind == "<":
                index = self._open(tokens, index)
            elif kind == ",":
                self._end(joins=True)
                if not self._held and self._members is None:
                    index, is_ended = self._skip_usual(tokens, index, text, token[2] + 1)
            elif kind == ";":
                self._semicolon()
            elif kind == ":":
                self._colon(token)
            elif kind == ">":
                self._reading.blame("'<' before '>'", token[2])
            else:
                self._words.append(token)
        if not is_ended:
            self._end()
        self._flush()
        if self._members is not None:
            self._reading.blame("';' after a group", len(text))

    def _skip_usual(self, tokens: list[Token], index: int, text: str, place: int) -> tuple[int, bool]:
        """Add the usual addresses that stand between two odd ones.

        Returns:
            the index of the token behind them, and whether the last of them ends the text.
        """
        found, place = read_usual(text, place, self._reading)
        if not found:
            return index, False
        self.groups.append((None, found))
        size = len(tokens)
        while index < size and tokens[index][2] < place:
            index += 1
        return index, index == size and not text.endswith(",")

    def _open(self, tokens: list[Token], index: int) -> int:
        """Take what stands between angle brackets, the first of which is before *index*."""
        end = index
        while end < len(tokens) and tokens[end][0] not in "<>":
            end += 1
        start = tokens[index - 1][2]
        if end == len(tokens) or tokens[end][0] == "<":
            # QUIRK: a bracket that never ends is none, so that an address behind it is a bare one.
            self._reading.blame("'>' after '<'", start)
            self._words.append((" ", " ", start))
            return index
        if self._angle is not None:
            # QUIRK: no comma between two addresses: what stands between them is the name of the second.
            self._reading.blame("a comma between addresses", start)
            between, self._words = self._words, []
            self._end()
            self._words = between
        self._name, self._words, self._angle = self._words, [], tokens[index:end]
        return end + 1

    def _semicolon(self) -> None:
        # QUIRK: outside a group a semicolon separates addresses, as in Outlook.
        if self._members is None:
            self._reading.is_strict = False
        self._end()
        self._flush()
        self._opened = ";" if self._members is not None else ""
        self._members = None

    def _colon(self, colon: Token) -> None:
        if self._angle is not None:
            self._reading.blame("a comma after an address", colon[2])
            self._end()
        solid = solid_of(self._words)
        words, self._words = self._words, []
        if not solid:
            self._reading.blame("the name of a group before ':'", colon[2])
            return
        self._flush()
        if is_mailto(solid[0]) and len(solid) == 1:
            self._reading.is_strict = False
            return
        if self._members is not None:
            self._reading.blame("';' before another group", colon[2])
        self._members = []
        self._opened = ":"
        self.groups.append((self._phrase(words), self._members))

    def _end(self, *, joins: bool = False) -> None:
        """End one entry; *joins* where a comma does it."""
        words, name, angle = self._words, self._name, self._angle
        self._words, self._name, self._angle = [], [], None
        opened, self._opened = self._opened, ""
        solid = solid_of(words)
        is_empty = angle is None and not solid
        # RFC 5322 4.4: empty elements are obsolete. A comma stands behind a group that is not the last.
        self._reading.is_strict &= opened != "" if is_empty else opened != ";"
        if angle is not None:
            self._angled(name, angle, words)
        elif is_empty:
            self._flush()
        elif joins and all(token[0] != "@" for token in solid):
            self._held.append(words)
        else:
            self._flush()
            self._bare(words, solid)

    def _flush(self) -> None:
        held, self._held = self._held, []
        for words in held:
            self._bare(words, solid_of(words))

    def _add(self, name: str, spec: tuple[str, str]) -> None:
        parts = (name, *spec)
        # Mail without a domain is local; RFC 5322 3.4.1 does not know it.
        self._reading.is_strict &= spec[1] != ""
        if self._members is None:
            self.groups.append((None, [parts]))
        else:
            self._members.append(parts)

    def _add_phrase(self, words: list[Token]) -> None:
        """Add a group without members for *words*, in which no address is."""
        self._reading.blame("an address", words[0][2])
        name = self._phrase(words)
        if name:
            self.groups.append((name, []))

    def _angled(self, before: list[Token], angle: list[Token], after: list[Token]) -> None:
        """Add an address with its brackets, the words before and after them."""
        spec = self._spec(angle)
        if spec is None:
            self._flush()
            self._unfound(before, angle, after)
            return
        name = self._phrase(before)
        # QUIRK: `Doe, John <j@example.org>` is one address whose name lacks its quotes, for a word that no @ follows is
        # no address anybody can write to, while names in this order are what address books hold. Strictly, `Doe` would
        # be a local user; who means one writes `<doe>`. With more commas than `Doe, John, Jr.` has it is a list.
        if self._held and solid_of(before) and len(self._held) <= 2:
            self._reading.blame("quotes around a name with a comma", self._held[0][0][2])
            name = ", ".join([*map(self._phrase, self._held), name])
            self._held = []
        self._flush()
        if extra := solid_of(after):
            self._reading.blame("a comma or the end after an address", extra[0][2])
        self._add(name or self._phrase(after) or self._comment(before + after), spec)
        self._check_comments(before + angle + after, is_name=not name)

    def _unfound(self, before: list[Token], angle: list[Token], after: list[Token]) -> None:
        """Add what is left where no address is in the brackets."""
        words = before + after
        solid = solid_of(words)
        if solid_of(angle):
            # QUIRK: what is no address is kept as a name, brackets and all.
            place = angle[0][2]
            self._add_phrase([*before, ("w", "<", place), *angle, ("w", ">", place), *after])
            return
        self._reading.blame("an address between '<' and '>'", solid[0][2] if solid else 0)
        if any(token[0] == "@" for token in solid):
            self._bare(words, solid)
        elif solid:
            self._add_phrase(words)

    def _bare(self, words: list[Token], solid: list[Token]) -> None:
        """Add the address or addresses in *words*, which have no brackets."""
        if len(solid) == 1:
            self._lone(words, solid[0])
            return
        found: list[tuple[list[Token], tuple[str, str]]] = []  # each address, and what stood before it
        before: list[Token] = []
        for chunk in chunks(words):
            spec = self._spec(chunk) if any(token[0] == "@" for token in chunk) else None
            if spec is None:
                before += chunk
            else:
                found.append((before, spec))
                before = []
        if not found:
            self._add_phrase(words)
            return
        if len(found) > 1 or len(solid_of(before)) or len(solid_of(found[0][0])):
            self._reading.blame("one address, or a name with the address in '<' and '>',", solid[0][2])
        for tokens, spec in found[:-1]:
            self._add(self._phrase(tokens), spec)
        tokens, spec = found[-1]
        name = self._phrase(tokens) or self._phrase(before)
        self._add(name or self._comment(words), spec)
        self._check_comments(words, is_name=not name)

    def _lone(self, words: list[Token], token: Token) -> None:
        """Add the one word there is: a local user, or an address wholly in quotes."""
        kind, text, place = token
        inner = unquote(text)
        if kind == "w" and is_dot_atom(text) and flaw(text, "") is None:
            self._add(self._comment(words), (text, ""))
            self._check_comments(words, is_name=True)
        elif kind == "q" and (match := re.fullmatch(rf"[ \t]*+({_LOCAL})@({_LOCAL})[ \t]*+", inner)):
            # QUIRK: "a@example.org", the quotes around all of it.
            self._reading.blame("an address without quotes", place)
            self._add(self._comment(words), (match[1], match[2]))
        else:
            # RFC 2047 5: an encoded word is never part of an address.
            self._add_phrase(words)

    def _comment(self, tokens: list[Token]) -> str:
        """What the first comment says; it is the name of an address without one."""
        said = next((unquote(f'"{text}"').strip(" \t") for kind, text, _ in tokens if kind == "c"), "")
        return self._reading.decode(said)

    def _check_comments(self, tokens: list[Token], *, is_name: bool) -> None:
        places = [place for kind, _, place in tokens if kind == "c"]
        if len(places) > is_name:
            # Comments are valid, only nobody writes them.
            self._reading.blame("no comment beside a name", places[is_name], is_strict=True)

    def _phrase(self, tokens: list[Token]) -> str:
        """*tokens* as a display name: encoded words read, quotes undone, one space for any white space or comment."""
        pieces: list[str] = []
        run: list[str] = []  # what stands outside quotes is decoded together
        gap = ""
        for kind, text, place in tokens:
            if kind in " c":
                gap = " "
                continue
            if kind == "q":
                inner = unquote(text)
                if not inner:
                    continue
                if pieces or run:
                    pieces += (self._reading.decode("".join(run)), gap)
                    run = []
                pieces.append(self._reading.decode(inner) if self._words_in_quotes else inner)
            else:
                self._check_word(kind, text, place)
                if not run and pieces:
                    pieces.append(gap)
                elif run:
                    run.append(gap)
                run.append(text)
            gap = ""
        return "".join(pieces) + self._reading.decode("".join(run))

    def _check_word(self, kind: str, text: str, place: int) -> None:
        if kind == "w" and not is_atom(text):
            self._reading.is_strict = False
            if re.search(r"[\x00-\x1f\x7f]", text):
                self._reading.blame("no control character outside quotes", place)
        elif kind not in "we":
            self._reading.is_strict = False

    def _spec(self, tokens: list[Token]) -> tuple[str, str] | None:
        """The username and domain that *tokens* make, or None."""
        tokens = without_prefix(tokens, self._reading)
        at = next((index for index in range(len(tokens) - 1, -1, -1) if tokens[index][0] == "@"), len(tokens))
        username, is_sound = glue(tokens[:at])
        domain, is_sound_domain = glue(tokens[at + 1 :])
        if not tokens or (not domain and at < len(tokens)):
            return None
        if at == len(tokens) and not is_sound:
            return None
        if username[:1] == "'" == domain[-1:] and tokens[0][0] == "w":
            # QUIRK: 'a@example.org', single quotes around it.
            username, domain, is_sound = username[1:], domain[:-1], False
        if not domain and (match := re.fullmatch(rf"({_LOCAL})@({_LOCAL})", username)):
            username, domain, is_sound = match[1], match[2], False
        if domain[:1] != "[":
            # QUIRK: dots too many. No host has an empty label (RFC 1035 2.3.1), so nothing else can have been meant.
            repaired = re.sub(r"\.\.+", ".", domain).strip(".")
            if repaired != domain and repaired:
                self._reading.blame("an address without a dot too many in its domain", tokens[0][2])
            domain = repaired
        if flaw(username, domain) is not None or (not domain and at < len(tokens)):
            return None
        kinds = "".join([token[0] for token in tokens])
        if not is_sound or (domain and not is_sound_domain) or "q" in kinds[at:]:
            self._reading.blame("an address without white space, route or second @", tokens[0][2])
        sides = [token[1] for token in tokens if token[0] == "w"]
        self._reading.is_strict &= kinds in _STRICT_SPECS and all(map(is_dot_atom, sides))
        return username, domain
