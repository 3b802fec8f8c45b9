"""From a workspace in JSON to arrays, with what is wrong with it in a sentence each."""
