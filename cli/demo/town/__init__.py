"""A synthetic municipality: what five systems recorded about its residents, and what shipped queries must answer."""
