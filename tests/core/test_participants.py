"""Registering a participant and changing a profile."""

from copy import deepcopy
from typing import Any

import pytest

from laurels.kernel.rejections import ParticipantNotFound
from laurels.mechanics.participants import rules as participants
from laurels.mechanics.participants.model import ParticipantRegistered, Profile, ProfileChanged
from laurels.mechanics.participants.rules import merge_patch
from tests.core.given import change, register

# https://www.rfc-editor.org/rfc/rfc7396#appendix-A
APPENDIX: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "result"), APPENDIX, ids=[f"{t}+{p}" for t, p, _ in APPENDIX])
def test_merge_patch_inside_an_attribute(target: Any, patch: Any, result: Any) -> None:
    """The appendix also patches values that are no objects: such a value is an attribute here."""
    expected = {} if result is None else {"attribute": result}
    assert merge_patch({"attribute": target}, {"attribute": patch}) == expected


OBJECTS = [(t, p, r) for t, p, r in APPENDIX if isinstance(t, dict) and isinstance(p, dict)]


@pytest.mark.parametrize(("target", "patch", "result"), OBJECTS, ids=[f"{t}+{p}" for t, p, _ in OBJECTS])
def test_merge_patch_of_attributes(target: Any, patch: Any, result: Any) -> None:
    before = deepcopy((target, patch))
    assert merge_patch(target, patch) == result
    assert (target, patch) == before


ADA = Profile("Ada", "https://example.com/ada.png", {"plan": "free", "team": 1})


@pytest.mark.parametrize(
    ("fields", "profile", "changed"),
    [
        pytest.param({}, ADA, None, id="nothing given"),
        pytest.param({"display_name": "Ada"}, ADA, None, id="the same name"),
        pytest.param({"attributes": {"plan": "free"}}, ADA, None, id="the same attribute"),
        pytest.param({"attributes": {"unknown": None}}, ADA, None, id="removing what is not there"),
        pytest.param(
            {"display_name": "Ada L."}, Profile("Ada L.", ADA.avatar_url, ADA.attributes), ["display_name"], id="name"
        ),
        pytest.param(
            {"display_name": None}, Profile(None, ADA.avatar_url, ADA.attributes), ["display_name"], id="no name"
        ),
        pytest.param({"avatar_url": None}, Profile("Ada", None, ADA.attributes), ["avatar_url"], id="no avatar"),
        pytest.param(
            {"attributes": {"plan": "paid", "since": 2026}},
            Profile("Ada", ADA.avatar_url, {"plan": "paid", "team": 1, "since": 2026}),
            ["attributes"],
            id="attributes are merged",
        ),
        pytest.param(
            {"display_name": "A", "attributes": {"plan": None}},
            Profile("A", ADA.avatar_url, {"team": 1}),
            ["display_name", "attributes"],
            id="null removes",
        ),
    ],
)
@pytest.mark.parametrize("command", [register, change])
def test_known(command: Any, fields: dict[str, Any], profile: Profile, changed: list[str] | None) -> None:
    fact = ProfileChanged(fields=changed, changes_zone=False) if changed else None
    assert participants.save(True, ADA, command(**fields)) == (profile, fact)


def test_registering_an_unknown_one_removes_nothing_and_keeps_no_null() -> None:
    saved = participants.save(False, Profile(), register(display_name="Ada", attributes={"plan": "free", "x": None}))
    assert saved == (Profile("Ada", None, {"plan": "free"}), ParticipantRegistered())


def test_registering_without_a_profile() -> None:
    assert participants.save(False, Profile(), register()) == (Profile(), ParticipantRegistered())


def test_changing_an_unknown_one_is_refused() -> None:
    assert participants.save(False, Profile(), change(display_name="Ada")) == ParticipantNotFound("ada")
