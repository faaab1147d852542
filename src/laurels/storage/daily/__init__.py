"""Daily statistics of projects: sums over the facts of the journal, counted once by a job."""
