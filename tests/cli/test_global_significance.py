"""``bsinv significance``: as a table and as JSON; refusals."""

import json

PARTICLE = """\
name: particle
model: two-body-br
likelihoods: [belle2-2023-bknunu]
parameters:
  m_X: {prior: {uniform: [0.0, 4.7]}}
  BR_K: {prior: {uniform: [0, 1000]}, start: 3.0}
seed: 1
"""


def test_significance(bsinv, tmp_path):
    file = tmp_path / "particle.yaml"
    file.write_text(PARTICLE)
    asked = ("significance", file, "--of", "BR_K", "--scan", "m_X=3,3.5", "--toys", "100")
    code, text, _ = bsinv(*asked, "--json")
    assert code == 0
    found = json.loads(text)
    assert found["points"] == [3.0, 3.5]
    # Nothing there is above the Standard Model: limits on the same points have a best rate of zero.
    assert (found["local_p"], found["global_p"], found["bound"]) == (1.0, 1.0, 1.0)
    code, text, _ = bsinv(*asked)
    assert code == 0
    assert "Largest excess of BR_K" in text
    code, _, told = bsinv(*asked[:-1], "10")
    assert code == 2
    assert "toys = 10 is not allowed" in told
