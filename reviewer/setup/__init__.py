"""`/setup`: registers the GitHub App by GitHub's manifest flow, keeps its credentials, and then closes for good."""

from reviewer.setup.dotenv import EnvFile
from reviewer.setup.kit import Kit, Server, Vault
from reviewer.setup.routes import Setup, closed_routes

__all__ = ["EnvFile", "Kit", "Server", "Setup", "Vault", "closed_routes"]
