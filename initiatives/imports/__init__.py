"""Reads the Coalition's own documents into the catalogue.

Each reader is two modules' worth of work kept apart: *parse* looks only at the file and finds all its mistakes at once; *save* looks
only at rows. A mistake refuses the whole file (design rule 9); what staff have edited is kept and the difference reported.
"""
