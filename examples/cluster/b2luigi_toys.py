"""Toys as tasks of b2luigi (pip install b2luigi), on its batch system or here.

``python b2luigi_toys.py --batch`` sends a task for each shard, and merges them at the end; what is
done already is not sent again.
"""

from pathlib import Path

import b2luigi
from bsinv.fitter.runs.batch.shards import merge, toys_shard

ANALYSIS, RESULTS = "analysis.yaml", Path("results")
NUMBER, SHARDS = 100_000, 100


class Shard(b2luigi.Task):
    """Some of the chunks of toys."""

    number = b2luigi.IntParameter()

    def output(self):
        """Mark that all chunks of the shard are on disk."""
        yield self.add_to_output(f"shard-{self.number}.done")

    def run(self):
        """Do the chunks that are missing."""
        shard = f"{self.number}/{SHARDS}"
        made = toys_shard(ANALYSIS, shard, "best", NUMBER, out=RESULTS)
        Path(self.get_output_file_name(f"shard-{self.number}.done")).write_text(f"{made}\n")


class Toys(b2luigi.Task):
    """All toys in the results file."""

    def requires(self):
        """All shards."""
        return [Shard(number=number) for number in range(1, SHARDS + 1)]

    def output(self):
        """Mark that they are merged."""
        yield self.add_to_output("toys.done")

    def run(self):
        """Merge them; what is missing ends the task with an error."""
        path, studies = merge(RESULTS)
        missing = [sentence for study in studies for sentence in study.missing]
        if missing:
            raise RuntimeError("; ".join(missing))
        Path(self.get_output_file_name("toys.done")).write_text(f"{path}\n")


if __name__ == "__main__":
    b2luigi.process(Toys(), workers=SHARDS)
