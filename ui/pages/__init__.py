"""The pages of the browser application, thin: pure functions say what they show, a session what they know."""
