"""Months in words, because 01/05 is the 5th of January to some; hours as the French pages of the United Nations write them."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y à H\xa0\\h\xa0i"
TIME_FORMAT = "H\xa0\\h\xa0i"
SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y à H\xa0\\h\xa0i"
MONTH_DAY_FORMAT = "j F"
