"""Why a command brought what it brought."""
