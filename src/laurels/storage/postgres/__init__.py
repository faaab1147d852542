"""Connections and pools, pages and pieces of results, ids, revisions of the schema."""
