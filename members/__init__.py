"""People: who signs in, and who they are inside each community."""
