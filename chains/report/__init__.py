"""One self-contained page of HTML from results: what was asked, what was found, how sure it is."""
