"""What runs on the vehicle."""
