"""The points of one participant, their commands and facts, and the rules of them."""
