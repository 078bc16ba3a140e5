"""Named ranges of rounds, built in and the user's own, and the changes of score definition that a range crosses."""
