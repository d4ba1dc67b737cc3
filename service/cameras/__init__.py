"""Cameras that stand as sources of the service: registered, due, watched."""
