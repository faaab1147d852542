"""Definitions as a file: what is refused and how, the way there and back, the export command, the schema."""

import asyncio
import re
from datetime import UTC
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurels.app import COMPOSITION, TABLES
from laurels.config import definitions_file, demo, yaml_values
from laurels.config.definitions_file import SIZE_LIMIT_BYTES, Contents, DefinitionsFileError
from laurels.kernel.definitions.body import DefinitionBody
from laurels.mechanics.badges.definition import BadgeDefinition
from laurels.mechanics.badges.model import GiveBadge
from laurels.mechanics.challenges.definition import ChallengeDefinition, MilestoneDefinition, ObjectiveDefinition
from laurels.mechanics.earning_caps.definition import EarningCapDefinition
from laurels.mechanics.leaderboards.definition import LeaderboardDefinition
from laurels.mechanics.points.purse.model import GivePoints
from laurels.mechanics.rewards.definition import RewardDefinition
from laurels.mechanics.rules.definition import RuleDefinition, RuleLimit, RuleLimitPeriods
from laurels.mechanics.streaks.definition import StreakDefinition
from laurels.mechanics.tiers.definition import TierCriteria, TierDefinition
from laurels.storage.office import projects
from laurels.storage.postgres.database import connect_one
from tests.checks import make_key, query
from tests.processes import laurels
from tests.support import Server

DOCS = Path(__file__).parents[1] / "docs"
RULE = "rules:\n  - code: a\n    name: A\n    event_name: e\n"
SECTIONS = [kind.section for kind in TABLES.kinds]
BADGE = "badges:\n  - code: a\n    name: A\n"


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(DefinitionsFileError) as refused:
        definitions_file.load(TABLES.kinds, text.encode() if isinstance(text, str) else text)
    assert str(refused.value) == "\n".join(map(str, refused.value.problems))
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # What is no such file at all.
        (b"badges: \xff", ["line 1: The file is not UTF-8."]),
        ("badges:\n  - \x07", ["line 2: The file must not contain the control character U+0007."]),
        (
            "a\n",
            [
                "line 1: The file must be an object with the sections tiers, badges, streaks, leaderboards, rewards,"
                " challenges, rules, earning_caps, webhooks."
            ],
        ),
        ("{}\n---\n{}", ["line 2: The file must be a single YAML document."]),
        (
            "badges:\n  code: a\n name: A\n",
            ["line 3: The file is not valid YAML: did not find expected key (while parsing a block mapping)."],
        ),
        (" " * (SIZE_LIMIT_BYTES + 1), ["The file is longer than 4194304 bytes."]),
        # Sections.
        ("bagdes: []", ['line 1: bagdes is not a section; did you mean "badges"?']),
        (
            "xyz: []",
            [
                "line 1: xyz is not a section; use one of tiers, badges, streaks, leaderboards, rewards,"
                " challenges, rules, earning_caps, webhooks."
            ],
        ),
        ("badges: {code: a}", ["line 1: badges must be a list, not an object."]),
        ("badges: []\ntiers:\nbadges: []", ["line 3: badges is given twice; the first one is in line 1."]),
        # Definitions.
        ("badges: [a]", ["line 1: badges[0] must be an object, not a string."]),
        ("badges:\n  - {}", ["line 2: badges[0].code is required.", "line 2: badges[0].name is required."]),
        (
            BADGE + "  - code: b\n    name: B\n  - code: a\n    name: C\n",
            ["line 6: badges[2].code a is already used by badges[0].code in line 2."],
        ),
        (
            "streaks:\n  - {code: a, name: A, period: hourly}",
            ["line 2: streaks[0].period must be daily, weekly or monthly."],
        ),
        # Expressions and actions.
        (
            RULE + "    condition: participant.blance > 3\n    actions: [{type: award_points, amount: 1}]\n",
            ["line 5: rules[0].condition is not accepted at line 1, column 12: unknown name 'participant.blance'."],
        ),
        (
            RULE + "    actions:\n      - {type: award_points, amount: 0}\n      - {type: award_badge}\n",
            [
                "line 6: rules[0].actions[0].amount must be at least 1.",
                "line 7: rules[0].actions[1].badge_code is required.",
            ],
        ),
        (
            "tiers:\n  - {code: a, name: A, level: 1}",
            ["line 2: tiers[0].criteria_config is required for an automatic tier: set min_points, or make it manual."],
        ),
    ],
)
def test_a_problem_is_one_sentence(text: str | bytes, told: list[str]) -> None:
    assert problems(text) == told


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("icon: x", '.icon is not a field here; did you mean "icon_url"?'),
        ("name: B", ".name is given twice; the first one is in line 3."),
        ("rarity: 7", ".rarity must be a string, not a number; put it in quotes."),
        ("category: 7.5", ".category must be a string or null, not a number; put it in quotes."),
        ("rarity: [7]", ".rarity must be a string, not a list."),
        ("is_hidden: yes", ".is_hidden must be true or false, not a string."),
        ("display_order: 1_0", ".display_order must be a whole number, not a string."),
        ("display_order: null", ".display_order must be a whole number, not null."),
        (f"display_order: {'9' * 5000}", ".display_order is out of range."),
        ("display_order: 18446744073709551616", ".display_order is out of range."),
        ("display_order: 1000001", ".display_order must be at most 1000000."),
        ('rarity: "a\\0"', ".rarity must not contain the NUL character."),
        ('"a\\0": 1', " has a field whose name contains the NUL character."),
        ("category: !!int 5", ".category must not have a tag; remove !!int."),
        ("category: !!python/name:os.system x", ".category must not have a tag; remove !!python/name:os.system."),
        ("!!str category: x", ".category must not have a tag; remove !!str."),
        ("[category]: x", " has a field whose name is not a string."),
        (
            "icon_url: #x",
            ".icon_url is empty; write null, or put quotes around a string (a string that begins with # needs them).",
        ),
        ("category: *other", ".category refers to *other, which must be defined before it."),
        ("category: &x [*x]", ".category[0] refers to *x, which must be defined before it."),
        ("<<: 5", ".<< must be an alias of an object."),
        (
            f"category: {'[' * 40}{']' * 40}",
            f".category{'[0]' * 31} may be nested up to 34 levels deep.",
        ),
    ],
)
def test_a_problem_names_its_place(field: str, told: str) -> None:
    found = problems(f"{BADGE}    {field}\n")
    assert f"line 4: badges[0]{told}" in found
    # What is no field at all may be told, too.
    assert len([problem for problem in found if "is not a field here" not in problem]) <= 1


def test_all_problems_at_once_in_the_order_of_the_file() -> None:
    text = """\
tiers:
  - code: a b
    level: high
    nmae: A
    criteria_config:
      min_points: -1
      base: balance
    benefits:
      - free_shipping
      - 5
quests: []
badges:
  - code: x
    name: ""
  - code: x
    name: X
"""
    assert problems(text) == [
        "line 2: tiers[0].code may contain letters, digits and _ . : -, and must begin with a letter or digit.",
        "line 3: tiers[0].level must be a whole number, not a string.",
        'line 4: tiers[0].nmae is not a field here; did you mean "name"?',
        "line 6: tiers[0].criteria_config.min_points must be at least 0.",
        'line 7: tiers[0].criteria_config.base is not a field here; did you mean "basis"?',
        "line 10: tiers[0].benefits[1] must be a string, not a number; put it in quotes.",
        "line 11: quests is not a section; use one of tiers, badges, streaks, leaderboards, rewards,"
        " challenges, rules, earning_caps, webhooks.",
        "line 14: badges[0].name must not be empty.",
        "line 15: badges[1].code x is already used by badges[0].code in line 13.",
    ]


def test_aliases_stand_for_what_they_name_but_not_for_gigabytes() -> None:
    loaded = definitions_file.load(
        TABLES.kinds,
        b"""
streaks:
  - &daily {code: a, name: &name A, period: daily, grace_period_hours: 5}
  - <<: *daily
    code: b
    description: *name
""",
    )
    assert loaded["streaks"] == [
        StreakDefinition(code="a", name="A", period="daily", grace_period_hours=5, display_order=1),
        StreakDefinition(code="b", name="A", period="daily", grace_period_hours=5, display_order=2, description="A"),
    ]
    bomb = "badges:\n  - &a0 [x, x]\n"
    bomb += "".join(f"  - &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(12))
    assert re.fullmatch(r"line \d+: badges\[\d\]\[\d\] is one alias too many: .*", problems(bomb)[-1])
    long = f"badges:\n  - &a {'x' * 1_000_000}\n" + "  - *a\n" * 5
    assert problems(long)[-1].startswith("line 7: badges[5] is one alias too many")


@pytest.mark.parametrize(
    "text", [b"", b"# nothing\n", b"badges:\n", b"badges: null\ntiers: []", b"\xef\xbb\xbfbadges:"]
)
def test_a_file_may_be_empty(text: bytes) -> None:
    assert definitions_file.load(TABLES.kinds, text) == {section: [] for section in SECTIONS}


def of_game(template: type[DefinitionBody]) -> Any:
    """The body as it is made of all mechanics."""
    [kind] = [kind for kind in TABLES.kinds if issubclass(kind.body, template)]
    return kind.body


BADGE_BODY, CHALLENGE_BODY = of_game(BadgeDefinition), of_game(ChallengeDefinition)
LEADERBOARD_BODY, RULE_BODY = of_game(LeaderboardDefinition), of_game(RuleDefinition)


def test_words_are_words() -> None:
    """As in YAML 1.2: what YAML 1.1 makes of them surprises people."""
    loaded = definitions_file.load(
        TABLES.kinds, b"badges:\n  - {code: no, name: 12:30, description: 2026-01-01, category: on}\n"
    )
    assert loaded["badges"] == [
        BADGE_BODY(code="no", name="12:30", description="2026-01-01", category="on", display_order=1)
    ]


TRAPS = [
    *("no", "null", "~", "=", "<<", "1e5", "0o17", "0x1F", "1_000", "12:30", "2026-01-01", "---", "...", ""),
    *("#x", "a #b", "a: b", "- a", "'", '"', "\\", "*a", "&a", "!a", "%a", "|", ">", "@", "`", "{}", "[]", "?", "🏆"),
    *(" a", "a ", "\n", "a\n", "\na", "a\n b", " a\nb", "a \nb", "a\n\n\n", "\t", "a\tb", "\r", "a\r\nb"),
    *("\x85", "a\u2028b", "\ufeffa", "\x07"),
]
TEXTS = st.sampled_from(TRAPS) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    | st.sampled_from(list("\n\t \r\x85\u2028#:-'\"|>"))
)
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=15,
)


@given(VALUES)
def test_any_value_reads_as_it_was_written(value: Any) -> None:
    reading = yaml_values.read(yaml_values.write({"a": {"b": value}}).encode(), depth=34, alias_budget=0)
    assert reading.complaints == []
    assert msgspec.json.encode(reading.value) == msgspec.json.encode({"a": {"b": value}})


def some_text(longest: int, shortest: int = 0) -> st.SearchStrategy[str]:
    return TEXTS.filter(lambda text: shortest <= len(text) <= longest)


CODES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,9}", fullmatch=True) | st.sampled_from(["no", "1", "1e5", "1:30"])
SHARED = {"is_active": st.booleans(), "display_order": st.integers(0, 3) | st.integers(-1_000_000, 1_000_000)}
NAMES = some_text(200, 1)
BADGES = st.builds(
    BADGE_BODY,
    code=CODES,
    name=NAMES,
    description=st.none() | some_text(2_000),
    category=st.none() | some_text(100),
    rarity=some_text(50, 1),
    is_hidden=st.booleans(),
    **SHARED,
)
TIERS = st.builds(
    TierDefinition,
    code=CODES,
    name=NAMES,
    level=st.integers(0, 1_000_000),
    award_type=st.just("manual"),
    criteria_config=st.none()
    | st.builds(TierCriteria, min_points=st.integers(0, 2**53 - 1), basis=st.sampled_from(["balance", "total_earned"])),
    benefits=st.lists(some_text(500), max_size=3),
    **SHARED,
)
ACTIONS = st.lists(
    st.builds(GivePoints, amount=st.integers(1, 1_000) | st.just("1 + 1"), reason=st.none() | some_text(500))
    | st.builds(GiveBadge, badge_code=CODES),
    min_size=1,
    max_size=3,
).map(tuple)


def as_read(body: DefinitionBody) -> Any:
    """As it is read, with actions of their own types."""
    return msgspec.convert(msgspec.to_builtins(body), type(body))


CHALLENGES = st.builds(
    CHALLENGE_BODY,
    code=CODES,
    name=NAMES,
    objectives=st.just((ObjectiveDefinition(code="o", event_name="e", measure="sum", property="p", target=0.5),)),
    milestones=st.lists(st.builds(MilestoneDefinition, percent=st.just(50), actions=ACTIONS), max_size=1).map(tuple),
    actions=ACTIONS,
    **SHARED,
).map(as_read)
RULES = st.builds(
    RULE_BODY,
    code=CODES,
    name=NAMES,
    event_name=some_text(100, 1).filter(lambda text: not re.search(r"[\x00-\x1f\x7f-\x9f]", text)),
    condition=st.sampled_from([None, "true", "participant.tier == 'no'"]),
    actions=ACTIONS,
    limit=st.none()
    | st.builds(RuleLimit, per_participant=st.none() | st.builds(RuleLimitPeriods, day=st.none() | st.integers(1, 9))),
    starts_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    **SHARED,
).map(as_read)
REWARDS = st.builds(
    RewardDefinition,
    code=CODES,
    name=NAMES,
    type=st.sampled_from(["coupon", "voucher"]),
    description=st.none() | some_text(2_000),
    points_cost=st.integers(0, 5),
    has_codes=st.none() | st.booleans(),
    ends_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    **SHARED,
)
CONTENTS = st.fixed_dictionaries(
    {
        "tiers": st.lists(TIERS, max_size=4, unique_by=lambda body: body.code),
        "badges": st.lists(BADGES, max_size=4, unique_by=lambda body: body.code),
        "streaks": st.just([StreakDefinition(code="s", name="S", period="weekly", display_order=0)]),
        "leaderboards": st.just([LEADERBOARD_BODY(code="l", name="L", time_window="daily", display_order=1)]),
        "rewards": st.lists(REWARDS, max_size=2, unique_by=lambda body: body.code),
        "earning_caps": st.just([EarningCapDefinition(code="c", name="C", period="day", points=0)]),
        "webhooks": st.just([]),
        "challenges": st.lists(CHALLENGES, max_size=2, unique_by=lambda body: body.code),
        "rules": st.lists(RULES, max_size=2, unique_by=lambda body: body.code),
    }
)


@pytest.mark.parametrize("text", ["\n", "a\n\n", "\n\n\n", "a\n \n", "a\n"])
def test_empty_last_lines_do_not_end_the_file(text: str) -> None:
    badge = BADGE_BODY(code="a", name="A", description=text, display_order=1)
    streak = StreakDefinition(code="s", name="S", period="weekly", display_order=1)
    loaded = definitions_file.load(
        TABLES.kinds, definitions_file.dump(TABLES.kinds, {"badges": [badge], "streaks": [streak]}).encode()
    )
    assert (loaded["badges"], loaded["streaks"]) == ([badge], [streak])


@given(CONTENTS)
def test_what_is_dumped_loads_as_the_same(contents: Contents) -> None:
    text = definitions_file.dump(TABLES.kinds, contents)
    assert definitions_file.load(TABLES.kinds, text.encode()) == contents
    assert definitions_file.dump(TABLES.kinds, definitions_file.load(TABLES.kinds, text.encode())) == text


def new_project(database_url: str, code: str, contents: Contents) -> None:
    async def work() -> None:
        connection = await connect_one(database_url)
        project = await projects.create(connection, code, code, "live", "UTC")
        assert project is not None
        await demo.add(connection, project.id, COMPOSITION.resources, contents)
        await connection.close()

    asyncio.run(work())


# One entry for each kind there is.
PARTICULARS: dict[str, dict[str, Any]] = {
    "tiers": {"level": 1, "criteria_config": {"min_points": 10, "basis": "balance"}, "benefits": ["a: b"]},
    "badges": {"description": "Two lines,\n  the second indented\n", "is_hidden": True},
    "streaks": {"period": "weekly"},
    "leaderboards": {"metric": "event_sum", "property": "1e5"},
    "challenges": {
        "objectives": [
            {"code": "orders", "event_name": "order: paid", "measure": "sum", "property": "no", "target": 2.5}
        ],
        "milestones": [{"percent": 50, "actions": [{"type": "award_points", "amount": "1 + 1"}]}],
    },
    "rewards": {"type": "points_multiplier", "config": {"multiplier": 1.5, "duration_hours": 3}},
    "earning_caps": {"period": "week", "points": 700},
    "webhooks": {"url": "https://receiver.example", "types": ["*"], "headers": {"X-Team": "crm"}},
    "rules": {
        "event_name": "order: paid",
        "condition": "event.properties.amount > 1",
        "actions": [{"type": "award_badge", "badge_code": "zebra"}, {"type": "award_points", "amount": 5}],
        "limit": {"per_participant": {"day": 3}},
        "starts_at": "2026-01-01T00:00:00Z",
    },
}


def test_an_export_makes_the_same_project_elsewhere(server: Server, database_url: str, tmp_path: Path) -> None:
    new_project(database_url, "first", {section: [] for section in SECTIONS})
    with server.client(make_key(database_url, "admin", project="first")) as api:
        for kind in TABLES.kinds:
            for order, code in enumerate(["zebra", "Ape", "no"]):
                body = {"code": code, "name": f"#{code} 🏆", "display_order": order // 2, "is_active": order > 0}
                reply = api.post(f"/admin/{kind.section.replace('_', '-')}", json=body | PARTICULARS[kind.section])
                assert reply.status_code == 201, reply.text
        deleted = api.post("/admin/badges", json={"code": "deleted", "name": "Deleted"}).json()
        api.delete(f"/admin/badges/{deleted['id']}")
        before = listed(api)
    exported = laurels("export", "--project", "first", "--database-url", database_url)
    assert exported.returncode == 0, exported.stderr
    assert "deleted" not in exported.stdout
    file = tmp_path / "definitions.yaml"
    assert laurels("export", "--project", "first", "--database-url", database_url, "--output", str(file)).stdout == ""
    assert file.read_text() == exported.stdout

    new_project(database_url, "second", definitions_file.load(TABLES.kinds, file.read_bytes()))
    with server.client(make_key(database_url, "admin", project="second")) as api:
        assert listed(api) == before
    assert laurels("export", "--project", "second", "--database-url", database_url).stdout == exported.stdout


def listed(api: httpx.Client) -> dict[str, list[dict[str, Any]]]:
    """All definitions, without what the server adds to them."""
    made = {"id", "created_at", "updated_at", "deleted_at", "status", "progress"}
    made |= {"secret", "failing_since", "disabled_reason"}
    return {
        section: [
            {name: value for name, value in item.items() if name not in made}
            for item in api.get(f"/admin/{section.replace('_', '-')}").json()["items"]
        ]
        for section in SECTIONS
    }


def test_an_export_reads_well(database_url: str) -> None:
    new_project(
        database_url,
        "readable",
        definitions_file.load(
            TABLES.kinds,
            b"""
badges:
  - {code: b, name: B, display_order: 2, rarity: common, is_active: false, category: null}
  - {code: a, name: A, display_order: 2, is_active: true}
tiers:
  - {code: t, name: T, level: 0, criteria_config: {min_points: 0, basis: total_earned}, benefits: []}
""",
        ),
    )
    exported = laurels("export", "--project", "readable", "--database-url", database_url).stdout
    assert exported.startswith("# yaml-language-server: $schema=definitions.schema.json\n")
    assert (
        exported.partition("\n\n")[2]
        == """\
tiers:
  - code: t
    name: T
    level: 0
    criteria_config:
      min_points: 0

badges:
  - code: a
    name: A
    display_order: 2
  - code: b
    name: B
    is_active: false
"""
    )


def test_an_export_that_cannot_be_is_one_sentence(database_url: str, tmp_path: Path) -> None:
    unknown = laurels("export", "--project", "nowhere", "--database-url", database_url)
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("laurels: There is no project 'nowhere'")
    folder = laurels("export", "--database-url", database_url, "--output", str(tmp_path))
    assert folder.returncode == 1
    assert folder.stderr == f"laurels: {tmp_path} cannot be written: Is a directory.\n"
    new_project(database_url, "newer", definitions_file.load(TABLES.kinds, BADGE.encode()))
    query(
        database_url,
        """UPDATE definition SET body = body || '{"sparkle": 1}'
           WHERE project_id = (SELECT id FROM project WHERE code = 'newer')""",
    )
    newer = laurels("export", "--project", "newer", "--database-url", database_url)
    assert newer.returncode == 1
    assert newer.stderr.startswith("laurels: The badge a was written by another version of Laurels")


def test_the_demo_is_such_a_file(server: Server, api: httpx.Client) -> None:
    contents = definitions_file.load(TABLES.kinds, demo.FILE.read_bytes())
    assert {section: [body.code for body in bodies] for section, bodies in contents.items()} == {
        "tiers": ["bronze", "silver", "gold", "platinum"],
        "badges": ["first_steps", "power_user"],
        "streaks": ["daily_login", "daily_purchase"],
        "leaderboards": ["top_scorers"],
        "rewards": ["gift_card", "double_points"],
        "challenges": ["five_lessons"],
        "rules": ["points_for_lessons", "perfect_lesson"],
        "earning_caps": [],
        "webhooks": [],
    }
    assert listed(api) == msgspec.json.decode(msgspec.json.encode(contents))


def test_the_schema_is_current() -> None:
    assert (DOCS / "definitions.schema.json").read_text() == definitions_file.schema(TABLES.kinds), "run `make schema`"
    assert laurels("schema").stdout == definitions_file.schema(TABLES.kinds)


def test_the_schema_takes_what_the_loader_takes() -> None:
    schema = msgspec.json.decode(definitions_file.schema(TABLES.kinds))
    jsonschema_rs.meta.validate(schema)
    assert schema["properties"].keys() == set(SECTIONS)
    for text in (demo.FILE.read_bytes(), EXAMPLES["yaml"][0].encode(), b"badges:\n"):
        assert jsonschema_rs.is_valid(schema, yaml_values.read(text, depth=34, alias_budget=1_000).value)
    for wrong in ({"bagdes": []}, {"badges": [{"code": "a"}]}, {"badges": [{"code": "a", "name": "A", "icon": "x"}]}):
        assert not jsonschema_rs.is_valid(schema, wrong)


PAGE = (DOCS / "definitions-file.md").read_text()
EXAMPLES = {
    language: re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) for language in ("yaml", "text")
}


def test_the_examples_of_the_docs_are_true() -> None:
    right, wrong = EXAMPLES["yaml"]
    assert [len(bodies) for bodies in definitions_file.load(TABLES.kinds, right.encode()).values()] == [
        2,
        2,
        1,
        1,
        0,
        0,
        0,
        0,
        0,
    ]
    assert problems(wrong) == EXAMPLES["text"][-1].splitlines()
