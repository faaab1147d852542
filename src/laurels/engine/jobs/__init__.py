"""Background jobs: work that happens without a request.

Every server runs all jobs. Row locks in the database ensure that only one server does each piece of work.
"""
