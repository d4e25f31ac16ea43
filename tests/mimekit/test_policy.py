"""Policy: frozen choices."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from mimekit import BadValue, ContentManager, MIMEMessage, Policy, parse, policy
from mimekit.content.objects import ObjectManager


class TestPolicy:
    def test_the_known_ones_are_there(self) -> None:
        """``policy.default``, ``policy.SMTP`` and ``policy.SMTPUTF8`` exist under those names."""
        assert policy.default.linesep == policy.SMTP.linesep == "\r\n"
        assert policy.SMTPUTF8.utf8
        assert not policy.default.utf8
        assert isinstance(policy.default.content_manager, ObjectManager)

    def test_replace_makes_another(self) -> None:
        """A policy is frozen; `replace` gives another with the changes made."""
        changed = policy.default.replace(linesep="\n", max_depth=3, strict=True)

        assert (changed.linesep, changed.max_depth, changed.strict) == ("\n", 3, True)
        assert policy.default.linesep == "\r\n"

    @pytest.mark.parametrize(
        "changes",
        [
            pytest.param({"linesep": "\r"}, id="a line end there is none of"),
            pytest.param({"cte_type": "binary"}, id="a cte_type there is none of"),
            pytest.param({"max_depth": 0}, id="no depth"),
            pytest.param({"max_parts": 0}, id="no parts"),
            pytest.param({"max_header_size": -1}, id="no headers"),
            pytest.param({"max_line_length": -1}, id="no line"),
            pytest.param({"lineseparator": "\n"}, id="an option there is none of"),
            pytest.param({"cte_type": []}, id="a cte_type that is a list"),
            pytest.param({"max_line_length": "78"}, id="a length as text"),
            pytest.param({"max_line_length": None}, id="a length that is None"),
            pytest.param({"max_depth": True}, id="a depth that is True"),
            pytest.param({"utf8": "yes"}, id="a choice as text"),
            pytest.param({"strict": 3}, id="a choice as a number"),
            pytest.param({"content_manager": "x"}, id="a manager that is none"),
        ],
    )
    def test_what_is_no_choice_is_refused(self, changes: dict[str, Any]) -> None:
        """A caller's mistake is a BadValue that names the option."""
        with pytest.raises(BadValue, match="|".join([*changes, "content manager"])):
            policy.default.replace(**changes)

    def test_policies_of_the_same_choices_are_equal(self) -> None:
        """Values are equal by meaning."""
        manager = ContentManager()

        assert Policy(content_manager=manager) == Policy(content_manager=manager)
        assert hash(Policy(content_manager=manager)) == hash(Policy(content_manager=manager))
        assert Policy(utf8=True) != Policy()
        assert Policy() != "policy"

    def test_repr_shows_the_choices(self) -> None:
        """A policy in a log says what it is."""
        assert "utf8=True" in repr(policy.SMTPUTF8)

    def test_the_manager_in_use_is_the_policys(self) -> None:
        """What `set_content` is told nothing of, the policy decides."""
        manager = ContentManager()
        manager.add_get_handler("", lambda _part: "mine")

        assert parse(b"\nx", policy=Policy(content_manager=manager)).get_content() == "mine"

    def test_the_manager_may_be_a_class(self) -> None:
        """``content_manager`` is an instance or a class."""
        assert isinstance(Policy(content_manager=ContentManager).content_manager, ContentManager)

    def test_a_policy_survives_pickling(self) -> None:
        """A message takes its policy along; managers with the same entries are equal."""
        message = MIMEMessage(policy=policy.SMTPUTF8).set_content("x")

        assert pickle.loads(pickle.dumps(message)).policy == policy.SMTPUTF8  # noqa: S301 -- our own octets
        assert ContentManager() != policy.default.content_manager
        assert ContentManager() != "manager"
