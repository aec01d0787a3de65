"""What the longer commands do, a file for each; every one returns its exit code."""
