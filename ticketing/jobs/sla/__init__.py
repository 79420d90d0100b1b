"""What keeps the clocks: the check that cron runs, the proof by replay, and what follows changed terms."""
