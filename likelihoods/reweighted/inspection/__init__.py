"""What reports and pictures ask of a reweighted term: efficiency, support, post-fit bins."""
