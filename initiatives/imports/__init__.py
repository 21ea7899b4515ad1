"""Reads the Coalition's own documents into the catalogue.

Parsing looks only at the file and finds all its mistakes at once; saving looks only at rows. One mistake refuses the whole file
(design rule 9). What staff have edited is kept, and the difference reported.
"""
