"""The stand-ins for GitHub and the model: what `reviewer demo` plays against, and the tests too."""
