"""`python -m commands` is the same program as `needlepoint`."""

from commands.main import cli

cli(prog_name="needlepoint")
