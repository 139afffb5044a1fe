"""What goes over the line to the terminal: as little as will do, because the line may be slow."""
