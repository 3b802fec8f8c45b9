"""Likelihoods of this package for other codes: plain functions, flavio, smelli, EOS and cobaya.

`functions` needs nothing else; `flavio`, `eos` and `cobaya` need the code of that name.
"""

from __future__ import annotations

from .functions import CoefficientFunction, ParameterFunction

__all__ = ["CoefficientFunction", "ParameterFunction"]
