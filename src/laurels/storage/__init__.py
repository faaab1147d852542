"""The only SQL: loading state under lock, saving facts, reads, definitions, migrations."""
