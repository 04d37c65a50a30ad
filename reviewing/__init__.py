"""The private page where a person answers what no rule can decide. Reads and writes working.db."""
