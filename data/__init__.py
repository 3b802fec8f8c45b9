"""Numbers with their sources, and the loaders that check them.

Edited as YAML in ``sources/``, shipped as the JSON that ``tools/compile_data.py`` makes from it.

==================  ==============================================================================
module              holds
==================  ==============================================================================
`records`           the frozen records that the loaders return
`frozen`            read-only arrays and mappings, of which the records are made
`measurements`      measurements, limits, averages, theory values and inputs
`constants`         constants that predictions depend on
`form_factors`      form-factor sets with covariances
`belle2`            the Belle II likelihood of B+ -> K+ nu nubar with its number densities
`tables`            functions on grids, and coefficients that are numbers
`overlaps`          which data share events, and the search for such pairs
`groups`            data that are used together under one name
`catalogue`         the list of all of these
==================  ==============================================================================
"""

from .belle2 import belle2_2023
from .catalogue import listing
from .constants import constant
from .form_factors import form_factor_set
from .measurements import measurement
from .overlaps import conflicts
from .tables import table

__all__ = [
    "belle2_2023",
    "conflicts",
    "constant",
    "form_factor_set",
    "listing",
    "measurement",
    "table",
]
