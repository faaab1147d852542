"""Benchmarks: one run measures all contestants on one machine, and compares them by ratios. See README.md."""
