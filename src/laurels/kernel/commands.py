"""What a caller can ask for. A command is valid in form; whether the rules allow it, `decide` says."""

from typing import ClassVar

from msgspec import Struct


class Actor(Struct, frozen=True, kw_only=True):
    """Who administers: a key, or something without one."""

    name: str
    key_id: str | None = None
    request_id: str | None = None


class Command(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every command has. `operation` names its kind in the journal's and the keys' records. `actor` is who asked
    for what only administrators may. A command `is_activity` of the participant if a caller reports what somebody did;
    what an administrator does is none. One that `is_from_file` may be older than now where it has no time.

    Keys remember a fingerprint of the encoded command: a field that is added needs a default, which is not encoded, so
    that a retry is the same command before and after an upgrade.
    """

    operation: ClassVar[str]
    is_activity: ClassVar[bool] = True

    project_id: int
    participant_id: str
    idempotency_key: str | None = None
    actor: Actor | None = None
    is_from_file: bool = False


class JudgeAnew(Command, frozen=True, kw_only=True):
    """After tiers or the criteria of badges have changed: gives the participant those of `definition_ids` that were
    reached before. `silent` marks the facts, so that nobody is congratulated."""

    operation: ClassVar[str] = "judge_anew"
    is_activity: ClassVar[bool] = False

    definition_ids: tuple[str, ...]
    silent: bool
