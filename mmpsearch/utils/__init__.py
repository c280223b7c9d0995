"""What more than one part of the package needs."""
