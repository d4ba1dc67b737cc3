"""Footage comes in: the quarantine, and drives made of what lies there."""
