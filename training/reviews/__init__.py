"""From what reviewers said to a better model, or to why there is none."""
