"""The mechanic of participants."""

from laurels.mechanics.mechanic import Mechanic
from laurels.mechanics.participants.play import PLAY
from laurels.mechanics.participants.profile_api import ProfileResource
from laurels.mechanics.participants.state_api import StateResource
from laurels.mechanics.participants.tables import TABLES
from laurels.web.api import Api, Sections
from laurels.web.endpoint import Routes


def _routes(sections: Sections) -> Routes:
    routes = Routes(
        "Participants",
        about="Profiles, state, export and erasure of participants. Any first award or event creates a participant, "
        "so registering is optional. Guides: [Participants](docs/participants.md), [Erasing a "
        "person](docs/erasing-a-person.md).",
    )
    ProfileResource(sections.profile).add_to(routes)
    StateResource(sections.state).add_to(routes)
    return routes


MECHANIC = Mechanic(
    name="participants",
    play=PLAY,
    api=Api(routes_of_sections=_routes),
    tables=TABLES,
)
