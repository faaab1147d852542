"""Expressions in CEL: checking, their costs, evaluation."""
