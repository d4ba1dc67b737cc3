"""What others ask over HTTP: one router for each noun."""
