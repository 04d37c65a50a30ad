"""What the finder's pages are made from. A package: Datasette loads only the files beside it."""
