"""How a directory is reached and read."""
