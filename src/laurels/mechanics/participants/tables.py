"""The tables of participants."""

from laurels.kernel.needs import ZONE
from laurels.mechanics.participants import store
from laurels.mechanics.participants.play import WHOLE_PROFILE
from laurels.storage.tables import Load, Tables

TABLES = Tables(
    loads=(Load(need=WHOLE_PROFILE, load=store.load_profiles), Load(need=ZONE, load=store.load_zones)),
    save=store.save,
    anonymise=store.anonymise,
)
