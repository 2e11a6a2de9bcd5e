"""Proof that holds: a signed chain of hashes over everything this box tells and keeps, its export and its audit."""
