"""CEL expressions: type checks, cost limits and evaluation."""
