"""A packed folder is read back to the same likelihood, from its own entry too."""

import numpy as np
import pytest
from bsinv.errors import DataError
from bsinv.likelihoods.reweighted.build import reweighted_term
from bsinv.likelihoods.reweighted.pack import pack
from numpy.testing import assert_allclose
from ruamel.yaml import YAML

from .toy_channel import arguments, null_spectrum


def test_round_trip(tmp_path):
    term = reweighted_term("ks", **arguments())
    packed = pack(tmp_path / "ks", "ks", **arguments())
    given = np.linspace(0.2, 4.0, 22) * null_spectrum()
    assert_allclose(packed.log_likelihood(given), term.log_likelihood(given), atol=1e-8)
    files = sorted(file.name for file in (tmp_path / "ks").iterdir())
    assert files == [
        "README.md",
        "bins.json",
        "likelihood.json",
        "likelihoods.yaml",
        "null_spectrum_1.csv",
        "number_density_ks_sr_ks_signal.csv",
    ]
    entry = YAML(typ="safe").load(tmp_path / "ks" / "likelihoods.yaml")["likelihoods"][0]
    again = reweighted_term(entry["name"], **entry["reweighted"], directory=tmp_path / "ks")
    assert_allclose(again.log_likelihood(given), term.log_likelihood(given), atol=1e-8)
    readme = (tmp_path / "ks" / "README.md").read_text()
    assert "1 channels, 3 bins, 4 parameters and 6 bin factors." in readme
    assert "Held, since the prediction takes their place: mu = 1." in readme


def test_nothing_is_overwritten_or_half_written(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DataError, match="is there already and not empty"):
        pack(tmp_path, "ks", **arguments())
    bad = arguments() | {"null_spectrum": null_spectrum()[:3]}
    with pytest.raises(DataError, match="the null spectrum has 3 bins"):
        pack(tmp_path / "new", "ks", **bad)
    assert not (tmp_path / "new").exists()
