"""Benchmarks: everything is measured in one run on one machine and compared as ratios. See README.md."""
