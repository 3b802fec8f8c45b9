import sys
from pathlib import Path

# The targets shared by the tests of the drivers are a plain module beside them.
sys.path.insert(0, str(Path(__file__).parent))
