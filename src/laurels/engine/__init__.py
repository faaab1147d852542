"""Many commands, one transaction: the queue, the batch, retries, and the isolation of a command that fails."""
