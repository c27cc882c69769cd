"""Summaries: the reconciliation rules, the content services, their forms and the interface, on a real store."""
