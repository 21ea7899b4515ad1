"""Months in words, because 01/05 is the 5th of January to some."""

SHORT_DATE_FORMAT = r"j \d\e M \d\e Y"
SHORT_DATETIME_FORMAT = r"j \d\e M \d\e Y, H:i"
