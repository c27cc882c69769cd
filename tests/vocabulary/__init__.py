"""Tests of the terminology: groups, code sets, rules and services."""
