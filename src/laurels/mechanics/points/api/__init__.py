"""The endpoints of points, with their examples, and the points of the profile and the state."""
