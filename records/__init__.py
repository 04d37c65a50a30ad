"""The plain shapes that travel through the house: fact sheet, listing, run bundle, printed text."""
