"""Reviewers: what they are asked, what they say, what that changes."""
