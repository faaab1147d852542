"""The rules of participants: registration, and changes of profiles.

| command | participant | outcome |
|---|---|---|
| register | unknown | registered, with the given profile |
| both | known | given fields are replaced, attributes merged (RFC 7396: null removes); no fact if nothing changes |
| change | unknown | refused |
| both | attributes would grow beyond ATTRIBUTES_LIMIT_BYTES of JSON | refused |
"""

from typing import Any

from msgspec import UNSET, json, structs

from laurels.kernel.rejections import ParticipantNotFound
from laurels.mechanics.participants.model import (
    AttributesTooLarge,
    ParticipantRegistered,
    Profile,
    ProfileChanged,
    SaveProfile,
)

ATTRIBUTES_LIMIT_BYTES = 65_536


def save(
    exists: bool, profile: Profile, command: SaveProfile
) -> tuple[Profile, ParticipantRegistered | ProfileChanged | None] | ParticipantNotFound | AttributesTooLarge:
    """The new profile, and the fact, or None if nothing changed."""
    if not exists and not command.create:
        return ParticipantNotFound(command.participant_id)
    saved = Profile(
        display_name=profile.display_name if command.display_name is UNSET else command.display_name,
        avatar_url=profile.avatar_url if command.avatar_url is UNSET else command.avatar_url,
        attributes=profile.attributes
        if command.attributes is UNSET
        else merge_patch(profile.attributes, command.attributes),
    )
    if len(json.encode(saved.attributes)) > ATTRIBUTES_LIMIT_BYTES:
        return AttributesTooLarge(ATTRIBUTES_LIMIT_BYTES)
    if not exists:
        return saved, ParticipantRegistered()
    before = structs.asdict(profile)
    changed = [field for field, value in structs.asdict(saved).items() if value != before[field]]
    if not changed:
        return saved, None
    moves = saved.attributes.get("timezone") != profile.attributes.get("timezone")
    return saved, ProfileChanged(fields=changed, changes_zone=moves)


def merge_patch(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """JSON Merge Patch of two objects: https://www.rfc-editor.org/rfc/rfc7396#section-2"""
    merged = dict(target)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            before = merged.get(name)
            merged[name] = merge_patch(before if isinstance(before, dict) else {}, value)
        else:
            merged[name] = value
    return merged
