"""State dicts of public implementations, translated to this project's names."""
