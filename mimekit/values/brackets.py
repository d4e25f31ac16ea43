"""Finds what stands in angle brackets in a field body, and what stands between."""

from __future__ import annotations

import re

from .._grammar import compiled


class Brackets:
    """What `find_brackets` found. A value.

    `items` are what stands between each pair of brackets, without white space; `rest` is the body with ``<>`` for
    each item and a space for each comment; `comments` are without their parentheses; `is_whole` tells whether every
    bracket, comment and quote ends and no item is empty or holds white space.
    """

    __slots__ = ("comments", "is_whole", "items", "rest")

    def __init__(self, items: list[str], rest: str, comments: list[str], *, is_whole: bool) -> None:
        self.items = items
        self.rest = rest
        self.comments = comments
        self.is_whole = is_whole


def find_brackets(text: str) -> Brackets:
    """What stands in angle brackets in *text*, a field body such as ``<a> (comment), <b>``. Never raises.

    Parentheses and quotes mean nothing within brackets, nor do brackets in comments and quotes. What opens and never
    ends is taken as it stands; an item without its ``>`` ends at white space or at the next ``<``.
    """
    items: list[str] = []
    rest: list[str] = []
    comments: list[str] = []
    is_whole = True
    marks = '<"('  # a kind that once did not end is not looked for again: that would be quadratic
    place = 0
    search = re.compile(f"[{marks}]").search
    while match := search(text, place):
        start = match.start()
        rest.append(text[place:start])
        if match[0] == "<":
            item, behind, place = _item(text, start)
            is_whole = is_whole and item != "" and text[start:place] == f"<{item}>"
            items += [item] * (item != "")
            rest.append(f"<>{behind}")
            continue
        place = comment_end(text, start) if match[0] == "(" else _quote_end(text, start)
        if place < 0:
            is_whole, place, marks = False, start + 1, marks.replace(match[0], "")
            search = re.compile(f"[{marks}]").search
            rest.append(match[0])
        elif match[0] == "(":
            comments.append(text[start + 1 : place - 1])
            rest.append(" ")
        else:
            rest.append(text[start:place])
    rest.append(text[place:])
    return Brackets(items, "".join(rest), comments, is_whole=is_whole)


def comment_end(text: str, start: int) -> int:
    """The place behind the comment that opens at *start*, its nested ones included; -1 if it does not end."""
    depth = 0
    for match in compiled(r"(?s)\\.|[()]").finditer(text, start):
        depth += (match[0] == "(") - (match[0] == ")")
        if depth == 0 and match[0] == ")":
            return match.end()
    return -1


def are_comments(text: str) -> bool:
    """Whether *text* is nothing but comments, white space around them, and every one of them ends."""
    place = 0
    while match := compiled(r"(?s)[ \t]*+\(").match(text, place):
        place = comment_end(text, match.end() - 1)
        if place < 0:
            return False
    return not text[place:].strip(" \t")


def _quote_end(text: str, start: int) -> int:
    match = compiled(r'(?s)"(?:[^"\\]++|\\.)*+"').match(text, start)
    return match.end() if match else -1


def _item(text: str, start: int) -> tuple[str, str, int]:
    """The item that opens at *start*, what of the text up to the next bracket is not its own, and the place behind."""
    match = compiled(r"(?s)<++([^<>]*+)(>?)").match(text, start)
    assert match is not None  # there is a bracket at start
    words = match[1].split()
    if match[2]:
        return "".join(words), "", match.end()
    # QUIRK: a bracket that never ends (RFC 5322 3.6.4).
    return words[0] if words else "", " ".join(["", *words[1:]]), match.end()
