"""Shortlist, forms, and the pages behind mailed links. GET and HEAD change nothing."""
