"""The tables of participants."""

from laurels.mechanics.participants import store
from laurels.storage.tables import Tables

TABLES = Tables(anonymise=store.anonymise)
