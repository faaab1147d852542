"""Times, time zones, calendars and their periods."""
