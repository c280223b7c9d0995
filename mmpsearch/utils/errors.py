"""What a user can put right: programs print the message and stop."""


class InputError(ValueError):
    """Something given is missing, unreadable or does not fit; one clear sentence."""
