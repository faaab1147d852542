"""What a command does to a purse: what it needs, which facts it brings, what it responds."""
