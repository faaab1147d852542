"""PostgreSQL: loading under lock, saving facts, reads, definitions, migrations. Mechanics have SQL of their own."""
