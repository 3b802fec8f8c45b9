"""The command line: commands, printing, listing, JSON; no physics and no statistics."""
