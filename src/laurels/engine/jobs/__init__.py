"""Work in the background: whatever has to happen without a caller asking for it.

Every server runs all jobs; row locks in the database see to it that each piece of work is done by one of them.
"""
