"""How a message leaves the desk. Called by jobs alone."""
