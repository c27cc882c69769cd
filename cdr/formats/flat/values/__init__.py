"""Data values in FLAT: for each RM type a decoder and an encoder, in both directions the same keys."""
