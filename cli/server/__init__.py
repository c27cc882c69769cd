"""Running the HTTP server: one process, or several that share a socket; signals, draining and the ready line."""
