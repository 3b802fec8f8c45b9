"""Chains of other programs, written by those programs where they are installed."""

import re

import emcee
import h5py
import numpy as np
import pytest
from bsinv import read_samples
from bsinv.chains.export import as_arviz, as_csv, as_getdist
from bsinv.chains.files.foreign import chain_kind
from bsinv.chains.files.store import write
from bsinv.chains.statistics.samples import posterior
from bsinv.errors import StoreError, UnknownNameError


def emcee_file(path, steps=30, name="mcmc", compression=None):
    backend = emcee.backends.HDFBackend(path, name=name, compression=compression)
    sampler = emcee.EnsembleSampler(8, 2, lambda x: -0.5 * float(x @ x), backend=backend)
    start = np.random.default_rng(1).normal(size=(8, 2))
    if steps:
        sampler.run_mcmc(start, steps)
    else:
        backend.reset(8, 2)
    return sampler


def getdist_chain(path, rows, header=""):
    path.write_text(header + "".join(" ".join(map(repr, row)) + "\n" for row in rows))


def sorted_rows(columns):
    return columns[np.lexsort(columns.T)]


@pytest.mark.parametrize("compression", [None, "gzip", "lzf"])
def test_backend_of_emcee(tmp_path, compression):
    path = tmp_path / "theirs.h5"
    sampler = emcee_file(path, compression=compression)
    found = read_samples(path, names=["a", "b"], discard=10)
    assert chain_kind(path) == found.kind == "emcee"
    assert (found.name, found.names, found.weights) == ("theirs", ("a", "b"), None)
    np.testing.assert_array_equal(found.columns, sampler.get_chain(discard=10, flat=True))
    np.testing.assert_array_equal(found.log_posterior, sampler.get_log_prob(discard=10, flat=True))
    half = read_samples(path, discard=0.5)
    assert half.size == 8 * 15
    assert half.names == ("x0", "x1")
    np.testing.assert_array_equal(half["x1"], sampler.get_chain(discard=15, flat=True)[:, 1])


def test_of_several_backends_one_is_chosen(tmp_path):
    path = tmp_path / "theirs.h5"
    emcee_file(path, 5, "first/try")
    emcee_file(path, 7, "second")
    with pytest.raises(StoreError, match="choose one by its group, of first/try, second"):
        read_samples(path)
    assert read_samples(path, group="second").size == 56
    with pytest.raises(StoreError, match=r"no chain in group 'secnd'.*second"):
        read_samples(path, group="secnd")


def test_steps_that_emcee_has_not_finished_are_left_out(tmp_path):
    path = tmp_path / "theirs.h5"
    emcee_file(path, 12)
    with h5py.File(path, "a") as file:
        file["mcmc"].attrs["iteration"] = 9
        file["mcmc/chain"][9:] = np.nan
    assert read_samples(path).size == 72


def test_ensembles_of_our_own_files_are_those_of_emcee(run, tmp_path):
    path = write(tmp_path / "run.h5", run)
    assert chain_kind(path) == "bsinv"
    with pytest.raises(StoreError, match=r"run\.h5: a results file of bsinv, not a chain"):
        read_samples(path)


@pytest.mark.parametrize("compress", [True, False])
def test_netcdf_of_arviz(tmp_path, compress):
    arviz = pytest.importorskip("arviz")
    rng = np.random.default_rng(2)
    scalar, vector, lp = (rng.normal(size=(2, 40, *more)) for more in ((), (3,), ()))
    tree = arviz.from_dict(
        posterior={"mu": scalar, "theta": vector},
        sample_stats={"lp": lp},
        coords={"school": ["x", "y", "z"]},
        dims={"theta": ["school"]},
    )
    tree.to_netcdf(str(tmp_path / "theirs.nc"), compress=compress)
    found = read_samples(tmp_path / "theirs.nc", rename={"mu": "dC_L"}, discard=10)
    assert found.kind == "arviz"
    assert found.names == ("dC_L", "theta[0]", "theta[1]", "theta[2]")
    np.testing.assert_array_equal(found["dC_L"], scalar[:, 10:].ravel())
    np.testing.assert_array_equal(found["theta[2]"], vector[:, 10:, 2].ravel())
    np.testing.assert_array_equal(found.log_posterior, lp[:, 10:].ravel())
    assert found.chain.tolist() == [0] * 30 + [1] * 30


def test_netcdf_that_was_packed_is_unpacked(tmp_path):
    xarray = pytest.importorskip("xarray")
    values = np.linspace(-1.0, 1.0, 20).reshape(2, 10)
    data = xarray.Dataset({"a": (("chain", "draw"), values)})
    packed = {"dtype": "int16", "scale_factor": 1e-4, "add_offset": 0.5, "_FillValue": -(2**15)}
    data.to_netcdf(tmp_path / "t.nc", group="posterior", engine="h5netcdf", encoding={"a": packed})
    found = read_samples(tmp_path / "t.nc")
    np.testing.assert_allclose(found["a"], values.ravel(), atol=1e-4)


def test_what_is_exported_is_read_back(run, nested, tmp_path):
    for results in (run, nested):
        expected = posterior(results)
        for name, text in as_getdist.getdist_files(results, "ours").items():
            (tmp_path / name).write_text(text)
        (tmp_path / "ours.csv").write_text(as_csv.samples_csv(results))
        for path in (tmp_path / "ours", tmp_path / "ours.csv"):
            found = read_samples(path)
            assert found.names == expected.names
            np.testing.assert_allclose(
                sorted_rows(found.columns), sorted_rows(expected.samples), rtol=2e-9, atol=1e-12
            )
            assert (found.weights is None) == (expected.weights is None)
        ranges = read_samples(tmp_path / "ours").ranges
        record = results.parameter(expected.names[0])
        assert ranges[record.name] == pytest.approx((record.lower, record.upper))
    pytest.importorskip("arviz")
    (tmp_path / "ours.nc").write_bytes(as_arviz.netcdf(run))
    found = read_samples(tmp_path / "ours.nc")
    expected = posterior(run)
    np.testing.assert_array_equal(sorted_rows(found.columns), sorted_rows(expected.samples))
    assert found.labels["dC_L"] == r"\delta C_L"


def test_getdist_reads_the_same(tmp_path):
    getdist = pytest.importorskip("getdist")
    rng = np.random.default_rng(3)
    (tmp_path / "c.paramnames").write_text("a\t\\alpha\nb* b\\,[\\mathrm{GeV}]\n\nc\n")
    for i in (1, 2, 3):
        rows = np.column_stack([rng.integers(1, 4, 50), rng.random(50), rng.normal(size=(50, 3))])
        getdist_chain(tmp_path / f"c_{i}.txt", rows.tolist())
    found = read_samples(tmp_path / "c", discard=0.2)
    theirs = getdist.loadMCSamples(
        str(tmp_path / "c"), settings={"ignore_rows": 0.2}, no_cache=True
    )
    assert found.names == ("a", "b", "c")
    assert found.labels == {"a": r"\alpha", "b": r"b\,[\mathrm{GeV}]"}
    np.testing.assert_allclose(found.weights, theirs.weights / theirs.weights.sum())
    np.testing.assert_allclose(found.columns, theirs.samples)
    np.testing.assert_allclose(found.log_posterior, -theirs.loglikes)
    assert found.chain.tolist() == [0] * 40 + [1] * 40 + [2] * 40
    # one file alone, with the names of its root
    assert read_samples(tmp_path / "c_2.txt").size == 50
    assert read_samples(tmp_path / "c.paramnames").size == 150


def test_names_in_the_header_of_cobaya(tmp_path):
    header = "#  weight  minuslogpost  dC_L  minuslogprior\n"
    getdist_chain(tmp_path / "c.1.txt", [[2.0, 3.0, 0.5, 1.0], [1.0, 2.0, 0.25, 1.0]], header)
    found = read_samples(tmp_path / "c", rename={"minuslogprior": "other"})
    assert found.names == ("dC_L", "other")
    np.testing.assert_allclose(found.weights, [2 / 3, 1 / 3])
    assert found.log_posterior.tolist() == [-3.0, -2.0]


def test_samples_of_no_weight_are_left_out(tmp_path):
    rows = [[0.0, 1.0, float("nan")], [1.0, float("inf"), 2.0], [1.0, 1.0, 3.0], [2.0, 1.0, 4.0]]
    getdist_chain(tmp_path / "c.txt", rows)
    found = read_samples(tmp_path / "c.txt")
    assert found["x0"].tolist() == [3.0, 4.0]
    assert found.to_dataframe()["weight"].tolist() == pytest.approx([1 / 3, 2 / 3])
    getdist_chain(tmp_path / "c.txt", rows[:2])
    with pytest.raises(StoreError, match="no samples are left"):
        read_samples(tmp_path / "c.txt")


BAD_TEXTS = {
    "": "no samples: the file is empty",
    "# only words\n\n": "no samples: the file is empty",
    "1 2\n1 3\n": "2 columns: weight, minus log posterior and a parameter",
    "1 2 3\n1 2\n": "sample 2 has 2 columns, the first 3: truncated",
    "1 2 3\n1 2 3.1e\n": "not a chain: '3.1e' in sample 2 is no number",
    "Dear all,\nthe chain is in my other folder\n": "not a chain|truncated",
    "hello world again\n": "not a chain: 'hello' in sample 1",
    "1 2 3\n1 2 nan\n": "x0 = nan in sample 1 (from 0), as in 1 of 2 samples",
    "1 nan 3\n": "log_posterior of sample 0 (from 0) is nan",
    "-1 2 3\n": "weights of sample 0 (from 0) is -1",
    "nan 2 3\n": "weights of sample 0 (from 0) is nan",
    "a,b\n": "no samples: the table is empty",
    "a,b\n1,2\n3\n": "sample 2 has 1 columns, the header 2: truncated",
    "a,b\n1,\n": "not a chain: '?' in sample 1",
    "a,a\n1,2\n": "parameter 'a' is there twice",
    "weight,a\n1,inf\n": "a = inf in sample 0",
}


@pytest.mark.parametrize(("text", "message"), BAD_TEXTS.items())
def test_text_that_is_no_chain(tmp_path, text, message):
    path = tmp_path / "c.txt"
    path.write_text(text)
    pattern = message if "|" in message else re.escape(message)
    with pytest.raises(StoreError, match=pattern) as caught:
        read_samples(path)
    assert str(caught.value).startswith(str(path))


def test_files_that_do_not_fit_together(tmp_path):
    getdist_chain(tmp_path / "c_1.txt", [[1.0, 2.0, 3.0, 4.0]])
    getdist_chain(tmp_path / "c_2.txt", [[1.0, 2.0, 3.0]])
    with pytest.raises(StoreError, match=r"c_2\.txt: 3 columns, but c_1\.txt has 4"):
        read_samples(tmp_path / "c")
    (tmp_path / "c.paramnames").write_text("a\n")
    with pytest.raises(StoreError, match="1 names of parameters, but 2 columns"):
        read_samples(tmp_path / "c_1.txt")
    (tmp_path / "c.ranges").write_text("x0 low high\n")
    (tmp_path / "c.paramnames").unlink()
    with pytest.raises(StoreError, match=r"c\.ranges: 'x0 low high'"):
        read_samples(tmp_path / "c_1.txt")


@pytest.mark.parametrize("make", ["emcee", "arviz"])
def test_truncated_hdf5_is_refused(tmp_path, make, run):
    path = tmp_path / "theirs.h5"
    if make == "emcee":
        emcee_file(path)
    else:
        pytest.importorskip("arviz")
        path.write_bytes(as_arviz.netcdf(run))
    whole = path.read_bytes()
    for size in (len(whole) // 2, len(whole) - 1, 600, 8):
        path.write_bytes(whole[:size])
        with pytest.raises(StoreError, match=r"theirs\.h5: .*(truncated|HDF5)"):
            read_samples(path)


def test_files_that_are_no_chains(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.arange(3)
    with pytest.raises(StoreError, match="an HDF5 file, but no chain"):
        read_samples(tmp_path / "other.h5")
    with h5py.File(tmp_path / "empty.nc", "w") as file:
        file["posterior/chain"], file["posterior/draw"] = np.arange(2), np.empty(0)
    with pytest.raises(StoreError, match="no samples: the group posterior is empty"):
        read_samples(tmp_path / "empty.nc")
    emcee_file(tmp_path / "begun.h5", 0)
    with pytest.raises(StoreError, match="no samples: no step was stored"):
        read_samples(tmp_path / "begun.h5")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    with pytest.raises(StoreError, match="not a chain: no text file, nor one of HDF5"):
        read_samples(tmp_path / "image.png")
    with pytest.raises(StoreError, match="no such chain"):
        read_samples(tmp_path / "absent")
    with pytest.raises(StoreError, match="a directory"):
        read_samples(tmp_path)


def test_numbers_that_are_not_in_the_file_are_not_read(tmp_path):
    path = tmp_path / "theirs.h5"
    with h5py.File(path, "w") as file:
        for name, shape in (("chain", (10**6, 10**3, 10)), ("log_prob", (10**6, 10**3))):
            file.create_dataset(name, shape, dtype="f8", chunks=True, compression="gzip")
    with pytest.raises(StoreError, match=r"chain claims \d+ numbers that are not in the file"):
        read_samples(path)
    with h5py.File(path, "w") as file:
        file["chain"] = h5py.ExternalLink("elsewhere.h5", "chain")
        file["log_prob"] = np.zeros((2, 2))
    with pytest.raises(StoreError, match="a link to another place"):
        read_samples(path)


def test_wrong_arguments(tmp_path):
    path = tmp_path / "theirs.h5"
    emcee_file(path, 10)
    with pytest.raises(StoreError, match="3 names given for 2 parameters"):
        read_samples(path, names=["a", "b", "c"])
    with pytest.raises(UnknownNameError, match="unknown parameter 'y' in chain 'theirs'"):
        read_samples(path, rename={"y": "a"})
    with pytest.raises(StoreError, match="'a' is there twice"):
        read_samples(path, rename={"x0": "a", "x1": "a"})
    for discard, message in (
        (10, "between 0 and 9 steps"),
        (-1, "between 0 and 9 steps"),
        (1.0, "from 0 to less than 1"),
        (float("nan"), "from 0 to less than 1"),
        (True, "steps, or a part"),
    ):
        with pytest.raises(StoreError, match=message):
            read_samples(path, discard=discard)
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    with pytest.raises(StoreError, match=r"has names of its own \(a, b\)"):
        read_samples(tmp_path / "c.csv", names=["x", "y"])
    with pytest.raises(StoreError, match="text files have none"):
        read_samples(tmp_path / "c.csv", group="mcmc")
    with pytest.raises(UnknownNameError, match="unknown parameter 'c'"):
        read_samples(tmp_path / "c.csv").column("c")


def test_how_it_shows_itself(tmp_path):
    (tmp_path / "c.csv").write_text("weight,a<b\n1,2\n3,4\n")
    found = read_samples(tmp_path / "c.csv")
    assert repr(found) == "ForeignChain('c', csv, 2 samples of 1 parameters, 1 chain, weighted)"
    assert "a&lt;b" in found._repr_html_()
    assert "3.5" in found._repr_html_()  # (2 + 3 x 4) / 4


def test_a_file_that_unfolds_to_more_than_memory_is_not_read(tmp_path):
    path = tmp_path / "theirs.h5"
    with h5py.File(path, "w") as file:
        for name, shape in (("chain", (10**5, 10**3, 4)), ("log_prob", (10**5, 10**3))):
            data = file.create_dataset(name, shape, dtype="f8", chunks=True, compression="gzip")
            data[0] = 1.0  # all other chunks are told to be zero
    assert path.stat().st_size < 1_000_000
    with pytest.raises(StoreError, match="HDF5 fails on it: damaged, or too large"):
        read_samples(path)
