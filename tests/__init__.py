"""The tests: real servers on this machine, real SQLite files, a real browser."""
