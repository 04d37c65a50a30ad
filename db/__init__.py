"""Everything that is kept: the working store, the published index, the gazetteer."""
