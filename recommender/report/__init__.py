"""What a study showed, for people: figures, then words and pictures made of these figures and of nothing else.

study  --figures_of-->  Figures  --to_html | to_markdown-->  one document, with nothing to be loaded from elsewhere
"""

from recommender.report.figures import Figures, figures_of
from recommender.report.html import to_html
from recommender.report.markdown import to_markdown

__all__ = ["Figures", "figures_of", "to_html", "to_markdown"]
