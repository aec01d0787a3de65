"""Where findings come from: each module has a name and a `find`."""
