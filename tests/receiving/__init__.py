"""Receiving messages of sources, over HTTP against a real store."""
