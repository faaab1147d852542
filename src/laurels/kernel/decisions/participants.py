"""Deciding about participants and their profiles."""

from laurels.kernel.cascade import Cascade
from laurels.kernel.decisions import Decision
from laurels.kernel.rejections import Rejection
from laurels.kernel.responses import ProfileSavedAnswer
from laurels.mechanics.participants import rules as participants
from laurels.mechanics.participants.model import Profile, SaveProfile


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
