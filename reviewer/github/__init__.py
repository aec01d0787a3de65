"""GitHub as the App sees it, through githubkit; nothing outside this folder imports githubkit."""

from reviewer.github.app import GitHubApp

__all__ = ["GitHubApp"]
