"""Connections and pools, and what is read through them: pages and pieces of results, ids, revisions of the schema."""
