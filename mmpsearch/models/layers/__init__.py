"""Small parts: tensors in, tensors out."""
