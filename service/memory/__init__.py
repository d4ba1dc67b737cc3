"""What a street is worth, from all the passes that the store remembers."""
