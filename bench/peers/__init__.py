"""The same load against other products, where the user has them: see README.md."""
