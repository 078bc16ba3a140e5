"""The Model page: all subjects of one model, and a few models beside each other."""
