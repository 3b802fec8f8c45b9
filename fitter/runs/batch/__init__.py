"""Many tasks at once: shards of a job, sweeps over analyses, and how far they are."""
