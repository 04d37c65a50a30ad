"""Who is the same person: judging pairs of listings and rebuilding practitioners."""
