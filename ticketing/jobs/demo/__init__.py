"""An invented gaming platform at work: people, troubles and how they went, the same for the same seed."""
