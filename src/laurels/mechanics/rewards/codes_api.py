"""Endpoints of codes, which claims receive: upload, count and revoke."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from laurels.kernel.input.problems import field_problem
from laurels.mechanics.rewards import code_lists, stored_codes
from laurels.mechanics.rewards.examples import (
    COUNT_REWARD_CODES_REFUSALS,
    COUNT_REWARD_CODES_RESPONSE,
    REVOKE_REWARD_CODES_REFUSALS,
    REVOKE_REWARD_CODES_REQUEST,
    REVOKE_REWARD_CODES_RESPONSE,
    UNKNOWN_REWARD,
    UPLOAD_REWARD_CODES_CSV,
    UPLOAD_REWARD_CODES_REQUEST,
    UPLOAD_REWARD_CODES_RESPONSE,
)
from laurels.mechanics.rewards.lookup import find_reward
from laurels.mechanics.rewards.model import Reward
from laurels.storage.office import audit
from laurels.storage.office.audit import Action, AuditedChange
from laurels.web.endpoint import Reply, Request, Routes
from laurels.web.keys.access import Access
from laurels.web.protocol.errors import Refusal

routes = Routes("Rewards")

UPLOAD_LIMIT_BYTES = 32 * 1024 * 1024
"""Enough for more than 100,000 codes of the maximum length."""


class UploadCodesRequest(Struct, frozen=True):
    """Codes for a reward. Each claim gets one."""

    codes: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=code_lists.LONGEST_CODE)]],
        Meta(min_length=1, max_length=code_lists.CODES_LIMIT),
    ]
    """The codes, of 1 to 255 printable characters each."""


class DuplicateCodes(Struct, frozen=True, kw_only=True):
    """The codes that were not added: duplicates in the request, and existing codes. `examples` has the first 100."""

    in_request: int
    """The number of codes that the request repeats."""
    existing: int
    """The number of codes that the reward already had."""
    examples: list[str]
    """Some of these codes."""


class UploadCodesAnswer(Struct, frozen=True, kw_only=True):
    """The number of codes that were uploaded."""

    reward_id: str
    """The id of the reward."""
    received: int
    """The number of codes in the request."""
    added: int
    """The number of new codes."""
    duplicates: DuplicateCodes
    """Codes that were skipped."""
    available: int
    """The number of codes that can be claimed now."""


class CodesAnswer(Struct, frozen=True, kw_only=True):
    """The number of a reward's codes."""

    reward_id: str
    """The id of the reward."""
    total: int
    """The number of codes ever uploaded."""
    available: int
    """The number of codes that can still be claimed."""
    claimed: int
    """The number of codes that were claimed."""
    revoked: int
    """The number of codes that were revoked."""


class RevokeCodesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The codes to revoke: those listed, or all available codes."""

    codes: Annotated[list[str], Meta(min_length=1, max_length=10_000)] | None = None
    """The codes to revoke; null with `all_available`."""
    all_available: bool = False
    """Whether all codes that are not claimed are revoked."""

    def __post_init__(self) -> None:
        if (self.codes is None) != self.all_available:
            raise field_problem("codes", "is required if all_available is false, and must be omitted if it is true")


class RevokeCodesAnswer(Struct, frozen=True, kw_only=True):
    """The result of a revocation. `not_revoked` lists codes that are claimed, already revoked, or not codes of this
    reward."""

    reward_id: str
    """The id of the reward."""
    revoked: int
    """The number of codes that were revoked."""
    not_revoked: list[str]
    """The codes that could not be revoked, because they are claimed, revoked already or unknown."""
    available: int
    """The number of codes that can still be claimed."""


def _without_codes(reward_code: str) -> Refusal:
    detail = f"The reward has no codes; set has_codes to true first: {reward_code}"
    return Refusal(400, detail, code="reward_without_codes")


@routes.post(
    "/gamify/admin/rewards/{reward_id}/codes",
    summary="Upload codes",
    body_documented=UploadCodesRequest,
    answers={200: UploadCodesAnswer},
    refuses=(400, 404, 413),
    refusals={400: _without_codes("gift_card"), 404: UNKNOWN_REWARD},
    example=UPLOAD_REWARD_CODES_REQUEST,
    answer_example=UPLOAD_REWARD_CODES_RESPONSE,
    access=Access.ADMIN,
    streams_up_to_bytes=UPLOAD_LIMIT_BYTES,
    csv_example=UPLOAD_REWARD_CODES_CSV,
)
async def upload_reward_codes(request: Request[None, None]) -> Reply:
    """Uploads codes for a reward, as JSON, or as `text/csv` with a code in the first column of each line; a first line
    `code` is a heading. Existing codes stay unchanged, and are reported. An upload with an invalid code is refused as a
    whole."""
    codes = await code_lists.read(request)
    definitions = await request.services.definitions.newest(request.services.readers, request.project_id)
    reward = find_reward(definitions, request.path[0])
    if not reward.has_codes:
        raise _without_codes(reward.code)
    distinct = dict.fromkeys(codes)
    async with request.services.edits.transaction() as connection:
        added = await stored_codes.add_codes(connection, reward.id, list(distinct), datetime.now(UTC))
        counts = await stored_codes.code_counts(connection, reward.id)
        await audit.record(connection, _codes_done(request, "upload_codes", reward, len(added)))
    existing = [code for code in distinct if code not in added]
    repeated = code_lists.repeated(codes)
    answer = UploadCodesAnswer(
        reward_id=reward.id,
        received=len(codes),
        added=len(added),
        duplicates=DuplicateCodes(
            in_request=len(codes) - len(distinct), existing=len(existing), examples=[*repeated, *existing][:100]
        ),
        available=counts.get("available", 0),
    )
    return Reply(msgspec.json.encode(answer))


@routes.get(
    "/gamify/admin/rewards/{reward_id}/codes",
    summary="Count codes",
    answers={200: CodesAnswer},
    answer_example=COUNT_REWARD_CODES_RESPONSE,
    refuses=(404,),
    refusals=COUNT_REWARD_CODES_REFUSALS,
    access=Access.ADMIN,
)
async def count_reward_codes(request: Request[None, None]) -> Reply:
    """Returns the number of a reward's codes, in total and by status."""
    definitions = await request.services.definitions.newest(request.services.readers, request.project_id)
    reward = find_reward(definitions, request.path[0])
    counts = await stored_codes.code_counts(request.services.surveys, reward.id)
    answer = CodesAnswer(
        reward_id=reward.id,
        total=sum(counts.values()),
        available=counts.get("available", 0),
        claimed=counts.get("claimed", 0),
        revoked=counts.get("revoked", 0),
    )
    return Reply(msgspec.json.encode(answer))


@routes.post(
    "/gamify/admin/rewards/{reward_id}/codes/revoke",
    summary="Revoke unused codes",
    body=RevokeCodesRequest,
    answers={200: RevokeCodesAnswer},
    refuses=(404,),
    refusals=REVOKE_REWARD_CODES_REFUSALS,
    example=REVOKE_REWARD_CODES_REQUEST,
    answer_example=REVOKE_REWARD_CODES_RESPONSE,
    access=Access.ADMIN,
)
async def revoke_reward_codes(request: Request[RevokeCodesRequest, None]) -> Reply:
    """Revokes available codes, so that no claim receives them. Claimed codes stay with their claims."""
    definitions = await request.services.definitions.newest(request.services.readers, request.project_id)
    reward = find_reward(definitions, request.path[0])
    named = request.body.codes
    async with request.services.edits.transaction() as connection:
        revoked = await stored_codes.revoke_codes(connection, reward.id, named)
        counts = await stored_codes.code_counts(connection, reward.id)
        await audit.record(connection, _codes_done(request, "revoke_codes", reward, len(revoked)))
    answer = RevokeCodesAnswer(
        reward_id=reward.id,
        revoked=len(revoked),
        not_revoked=[code for code in dict.fromkeys(named or ()) if code not in revoked],
        available=counts.get("available", 0),
    )
    return Reply(msgspec.json.encode(answer))


def _codes_done(request: Request[Any, None], action: Action, reward: Reward, codes: int) -> AuditedChange:
    """The audit entry. It has the number of codes, never the codes."""
    after = {"codes": codes}
    return AuditedChange(
        project_id=request.project_id, action=action, kind="reward", object_id=reward.id, code=reward.code, after=after
    )
