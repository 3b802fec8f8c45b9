"""From stored runs to figures: which kinds there are, and what each needs computed anew."""
