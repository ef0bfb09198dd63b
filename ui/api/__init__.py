"""The graph and the recommender over HTTP: ``tunegraph serve``.

app = create_app(Tunegraph(Settings.from_environment()), ApiSettings())
"""

from ui.api.app import create_app
from ui.api.settings import ApiSettings

__all__ = ["ApiSettings", "create_app"]
