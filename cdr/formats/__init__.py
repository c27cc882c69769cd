"""Wire formats: bytes to RM objects and back; `registry` knows them all by media type."""
