"""The play of participants: registration, and changes of profiles, which are not facts."""

from laurels.kernel.cel.types import FREE_FIELDS, TEXT
from laurels.kernel.deciding.cascade import follow
from laurels.kernel.deciding.decision import Decision
from laurels.kernel.deciding.happening import Happening
from laurels.kernel.deciding.listening import read_by
from laurels.kernel.deciding.listing import decides, folds, reads
from laurels.kernel.definition import Definitions
from laurels.kernel.needs import ZONE, Need, Needs, either
from laurels.kernel.participant import Participant
from laurels.kernel.play import FactReplay, Play
from laurels.kernel.rejections import Rejection
from laurels.kernel.tally import Approximation
from laurels.mechanics.participants import rules
from laurels.mechanics.participants.feed import FEED
from laurels.mechanics.participants.model import (
    PROFILE,
    ParticipantRegistered,
    Profile,
    ProfileChanged,
    ProfileSavedAnswer,
    SaveProfile,
)

CHANGED = frozenset({"participant.attributes"})
"""The variable that a profile changes, in addition to variables that depend on the time zone."""

WHOLE_PROFILE = Need[bool]("profile", either)


def save_profile(happening: Happening, command: SaveProfile) -> Decision | Rejection:
    participant = happening.participant
    saved = rules.save(participant.exists, participant[PROFILE] or Profile(), command)
    if isinstance(saved, Rejection):
        return saved
    profile, fact = saved
    answer = ProfileSavedAnswer(created=not participant.exists)
    if fact is None:
        return Decision([], answer)
    participant[PROFILE] = profile
    participant.zone = happening.definitions.calendar.zone_named(profile.attributes.get("timezone"))
    happening.happen(fact, happening.now)
    follow(happening)
    return Decision(happening.entries, answer, (PROFILE,))


def _attributes(participant: Participant) -> dict[str, object]:
    profile = participant[PROFILE]
    return profile.attributes if profile else {}


def _approximation(draft: Definitions, participant: Participant, fact: ProfileChanged) -> Approximation | None:
    """Whether the result for a draft is approximate: attributes or the time zone changed, and the current ones are
    read."""
    if "attributes" not in fact.fields:
        return None
    moves = "timezone" in _attributes(participant) if fact.changes_zone is None else fact.changes_zone
    return "profiles" if moves or CHANGED & read_by(draft) else None


PLAY = Play(
    slices=(PROFILE,),
    commands=(
        decides(
            SaveProfile,
            save_profile,
            needs=Needs({WHOLE_PROFILE: True}),
            can_cause=(ParticipantRegistered, ProfileChanged),
        ),
    ),
    facts=(
        folds(ParticipantRegistered, changes=CHANGED, changes_zone=True),
        folds(ProfileChanged, changes=CHANGED, changes_zone=True),
    ),
    variables=(
        reads("participant.id", TEXT, lambda _, participant, __: participant.participant_id, latest=lambda _: ()),
        reads(
            "participant.attributes",
            FREE_FIELDS,
            lambda _, participant, __: _attributes(participant),
            needs=lambda _: Needs({WHOLE_PROFILE: True}),
        ),
        reads(
            "participant.time_zone",
            TEXT,
            lambda definitions, participant, _: str(participant.zone or definitions.calendar.zone),
            needs=lambda _: Needs({ZONE: True}),
            depends_on_zone=True,
        ),
    ),
    replay=(
        FactReplay(fact=ParticipantRegistered, repeats=True),
        FactReplay(fact=ProfileChanged, repeats=True, note=_approximation),
    ),
    feed=FEED,
)
