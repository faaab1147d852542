"""Deciding about participants and their profiles."""

from laurels.core import participants
from laurels.core.answers import ProfileSavedAnswer
from laurels.core.cascade import Cascade
from laurels.core.commands import SaveProfile
from laurels.core.decisions import Decision
from laurels.core.model import Profile
from laurels.core.rejections import Rejection


def save_profile(cascade: Cascade, command: SaveProfile) -> Decision | Rejection:
    saved = participants.save(cascade.participant.exists, cascade.participant.profile or Profile(), command)
    if isinstance(saved, Rejection):
        return saved
    profile, fact = saved
    answer = ProfileSavedAnswer(created=not cascade.participant.exists)
    if fact is None:
        return Decision([], answer)
    cascade.participant.profile = profile
    cascade.participant.zone = cascade.definitions.calendar.zone_named(profile.attributes.get("timezone"))
    cascade.happen(fact, cascade.now)
    cascade.follow()
    return Decision(cascade.entries, answer, profile)
