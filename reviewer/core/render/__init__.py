"""All words that go to GitHub, as small functions."""
