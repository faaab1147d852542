"""What a team would write by hand: see app.py."""
