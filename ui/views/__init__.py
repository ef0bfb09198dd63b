"""What the pages show, as pure functions from proposals, verdicts and evidence to rows and texts."""
