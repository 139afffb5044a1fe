"""What a person sees: one module and one style sheet for each screen."""
