"""Kilde's repository: reference model, archetypes, validation, versioning, storage, services and HTTP."""
