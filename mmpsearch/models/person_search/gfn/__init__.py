"""Gallery filter network: which scenes can hold the query."""
