"""Values: what lists say of people, written the one way in which equal means the same."""
