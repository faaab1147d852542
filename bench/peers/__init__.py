"""The same load against other products that the user runs: see README.md."""
