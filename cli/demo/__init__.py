"""Synthetic residents and what was recorded about them: for demonstrations and measurements."""
