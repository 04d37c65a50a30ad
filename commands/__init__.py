"""The `needlepoint` program: one file per subcommand."""
