"""PostgreSQL: loading under lock, saving facts, reads, definitions, migrations. Each mechanic adds its own SQL."""
