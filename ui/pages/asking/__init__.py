"""The parts of the page that recommends: what is asked, what is being done, what was found, and what to change."""
