"""Webhooks in the database: their secrets and progress, their deliveries, and the processes that send these."""
