"""Validation of RM objects against the reference model, templates and terminology."""
