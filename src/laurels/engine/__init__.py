"""Many commands in one transaction: the queue, batches, retries, and the isolation of failing commands."""
