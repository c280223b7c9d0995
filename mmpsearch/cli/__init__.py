"""The command `mmpsearch`: one file a sub-command in `commands`."""
