"""The archetype model: archetypes, operational templates and what reads them."""
