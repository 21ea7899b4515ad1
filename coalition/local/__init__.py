"""The portal on one machine without Docker: `make run` (design §8). Only the standard library; Django runs in the children."""


class CannotRunError(Exception):
    """The portal cannot start here. The message is one sentence for the person at the keyboard and says what to do."""
