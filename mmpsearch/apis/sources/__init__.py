"""Sources: files, folders, patterns and camera streams as pictures with a time."""
