"""Making up lives: who somebody is, what happened, and who wrote it down."""
