"""The archetypes and templates that come with Kilde: right in themselves and true to the published models."""
