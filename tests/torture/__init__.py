"""Random load on two servers over one PostgreSQL while both are killed, frozen, and run out of disk.

`python -m tests.torture --help`; `make torture`. What must be true afterwards is rebuilt from the answers alone:
model.py gathers it, compare.py holds the API and the database against it.
"""
