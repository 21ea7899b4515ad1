"""Faults on purpose: the real processes are killed, frozen and cut off, and every form and every mail is accounted for.

`make faults` prints one table; docs/reliability.md says what is promised and how to read it.
"""
