"""Measurements: run by hand or by `make eval`, never by the tests."""
