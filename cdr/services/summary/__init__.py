"""Content services: one summary of what many sources hold about a resident, from a definition and stored records."""
