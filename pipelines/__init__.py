"""The stages a listing passes, one file each, in the order they run."""
