"""A role comes from the rules and from claims that can be believed, and from nothing else."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barometer import audit
from barometer.access import AccessError, Rules, rules, visitor
from barometer.home import Home

NOW = 1_800_000_000.0
SECTION = {
    "owner": {"emails": ["Anne@Example.org"]},
    "analyst": {"claims": {"groups": ["analysts"], "realm_access.roles": ["barometer"]}},
    "viewer": {"domains": ["example.org"]},
}


@pytest.fixture
def found() -> Rules:
    read = rules(SECTION)
    assert read is not None
    return read


def claims(email: str = "", **others: Any) -> dict[str, Any]:
    return {"email": email, "email_verified": True, "iat": NOW - 60, **others}


def test_without_rules_everybody_is_the_owner_of_their_machine() -> None:
    here = visitor(rules(None), None, NOW)
    assert here.may("owner") and here.who == "this machine"


@pytest.mark.parametrize(
    ("known", "role"),
    [
        (claims("anne@example.org"), "owner"),
        (claims("ANNE@EXAMPLE.ORG"), "owner"),
        (claims("bob@example.org"), "viewer"),
        (claims("bob@elsewhere.org"), None),
        (claims("bob@sub.example.org"), None),
        (claims("bob@example.org.evil.com"), None),
        (claims("bob@evil.com@example.org"), None),
        (claims("anne@example.org", email_verified=False), None),
        (claims("anne@example.org", email_verified="true"), None),
        (claims(groups=["analysts", "others"]), "analyst"),
        (claims(groups="analysts"), "analyst"),
        (claims(realm_access={"roles": ["barometer"]}), "analyst"),
        (claims("bob@example.org", groups=["analysts"]), "analyst"),
        (claims(groups={"analysts": True}), None),
        (claims(role="owner", owner=True), None),
        ({"email": "anne@example.org", "email_verified": True}, None),  # no date
        (claims("anne@example.org", iat=NOW - 13 * 3600), None),
        (claims("anne@example.org", iat=NOW + 3600), None),
        (claims("anne@example.org", iat="today"), None),
        (None, None),
    ],
)
def test_claims_give_the_highest_role_that_they_prove(
    found: Rules, known: dict[str, Any] | None, role: str | None
) -> None:
    assert visitor(found, known, NOW).role == role


def test_a_role_includes_those_below_it(found: Rules) -> None:
    analyst = visitor(found, claims(groups=["analysts"]), NOW)
    assert (analyst.may("viewer"), analyst.may("analyst"), analyst.may("owner")) == (
        True,
        True,
        False,
    )
    assert not visitor(found, None, NOW).may("viewer")


def test_anyone_with_a_verified_address_where_the_rules_say_so() -> None:
    found = rules({**SECTION, "viewer": {"domains": ["*"]}})
    assert visitor(found, claims("bob@elsewhere.org"), NOW).role == "viewer"
    assert visitor(found, claims("bob@elsewhere.org", email_verified=False), NOW).role is None
    assert visitor(found, claims(), NOW).role is None
    believing = rules({**SECTION, "unverified": True})
    assert visitor(believing, claims("bob@example.org", email_verified=False), NOW).role == "viewer"


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        ({}, "nobody is an owner"),
        ({"owner": {"emails": []}}, "nobody is an owner"),
        ({"owners": {"emails": ["a@b.c"]}}, "owners"),
        ({"owner": {"email": ["a@b.c"]}}, "owner.email"),
        ({"owner": {"emails": "a@b.c"}}, "owner.emails"),
        ({"owner": {"emails": ["a@b.c"]}, "hours": 0}, "hours"),
        ([], "access"),
    ],
)
def test_rules_that_are_not_understood_open_nothing(section: Any, reason: str) -> None:
    with pytest.raises(AccessError, match=reason):
        rules(section)


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.text() | st.lists(st.text())))
def test_no_claim_that_the_rules_do_not_name_gives_a_role(known: dict[str, Any]) -> None:
    found = rules({"owner": {"emails": ["anne@example.org"]}})
    assert visitor(found, {**known, "iat": NOW}, NOW).role is None or (
        known.get("email") == "anne@example.org"
    )


# --- the log --------------------------------------------------------------------------------------


def test_events_of_many_are_lines_in_their_order(tmp_path: Path) -> None:
    home = Home(tmp_path)

    def note(who: int) -> None:
        for number in range(25):
            audit.record(home, "export", f"{who}@example.org", file=f"{number}.csv")

    threads = [threading.Thread(target=note, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = audit.events(home)
    assert len(events) == 100
    for who in range(4):
        mine = [event["file"] for event in events if event["who"] == f"{who}@example.org"]
        assert mine == [f"{number}.csv" for number in range(25)]
    assert home.audit.stat().st_mode & 0o077 == 0


def test_a_line_that_was_cut_costs_itself_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    audit.record(home, "sign-in", "anne@example.org")
    with home.audit.open("a") as file:
        file.write('{"at": "2026')
    audit.record(home, "export", "anne@example.org", file='a\n"b".csv')
    assert [event["action"] for event in audit.events(home)] == ["sign-in", "export"]
    lines = home.audit.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3 and json.loads(lines[2])["file"] == 'a\n"b".csv'


def test_a_log_that_takes_no_more_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = Home(tmp_path)
    os.mkdir(home.data)  # noqa: PTH102
    home.audit.mkdir()
    audit.record(home, "export", "anne@example.org", file="x" * 10_000)
    assert "takes no more" in caplog.text and len(caplog.text) < 1500
