"""Every way in which OpenHands would quietly not do what the file says: one small rule for each idea."""
