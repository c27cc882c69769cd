"""Tests of the reference model: classes, catalogue, times, paths and rules."""
