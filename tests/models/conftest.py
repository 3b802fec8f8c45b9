import sys
from pathlib import Path

# The Dirac matrices shared by the tests of matching are a plain module beside them.
sys.path.insert(0, str(Path(__file__).parent))
