"""The declarations of the tables that belong to no mechanic."""
