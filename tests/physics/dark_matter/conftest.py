import sys
from pathlib import Path

# The stiff solver, which a benchmark uses too, is a plain module beside the tests.
sys.path.insert(0, str(Path(__file__).parent))
