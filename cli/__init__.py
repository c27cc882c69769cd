"""The `kilde` command."""
