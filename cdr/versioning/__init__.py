"""Change control as pure functions: version uids, lifecycle, and what a commit consists of."""
