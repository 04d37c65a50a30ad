"""Where a listing is, how precisely, and who says so."""
