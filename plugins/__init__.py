"""Datasette plugins: SQL functions, the finder's pages, the API."""
