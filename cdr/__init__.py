"""Kilde's repository: reference model, archetypes, validation, versioning, storage, services and HTTP."""

__version__ = "0.1.0"
