"""Results files that are damaged, or made to harm."""

import json
import os

import h5py
import numpy as np
import pytest
from attacks import mutations, resealed, unsealed, verdict
from bsinv.chains.files import store
from bsinv.chains.files.reading import intact
from bsinv.chains.records import RunFile
from bsinv.errors import StoreError


@pytest.fixture
def path(run, tmp_path):
    """Return a file as earlier versions wrote it, without checksums."""
    return unsealed(store.write(tmp_path / "run.h5", run))


def refusal(path):
    """Sentence with which a file is refused."""
    with pytest.raises(StoreError) as caught:
        store.read(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(f"{path}: ")
    return text


def test_files_of_earlier_versions_are_read_and_it_is_said(run, path):
    said = []
    found = store.read(path, tell=said.append)
    np.testing.assert_array_equal(found.ensembles[1].chain, run.ensembles[1].chain)
    assert said == [
        f"{path}: has no checksum (written by an earlier version): damage to its numbers would "
        "not be seen."
    ]
    said.clear()
    store.read(store.write(path, found), tell=said.append)
    assert said == []


# One bit in the content of each part, written by HDF5 itself, which notices nothing.
PARTS = {
    "best_fit": "best_fit/values",
    "parameters": "parameters/lower",
    "scans/0": "scans/0/log_likelihood",
    "ensembles/1": "ensembles/1/chain",
    "predictions/0": "predictions/0/samples",
    "spectra/0": "spectra/0/data",
    "support": "support/weights",
}


@pytest.mark.parametrize(("part", "name"), PARTS.items())
def test_a_flipped_bit_is_found_and_its_part_named(run, tmp_path, part, name):
    path = store.write(tmp_path / "run.h5", run)
    with h5py.File(path, "a") as file:
        values = file[name][()]
        values.reshape(-1).view(np.uint64)[-1] ^= 1
        file[name][...] = values
    assert f"damaged results file: the checksum of {part} does not agree. If" in refusal(path)


def test_an_attribute_and_a_text_are_part_of_the_checksum(run, tmp_path):
    path = store.write(tmp_path / "run.h5", run)
    with h5py.File(path, "a") as file:
        file["best_fit"].attrs["log_likelihood"] = -2.9
        file.attrs["seed"] = "8"
    assert "the checksum of /, best_fit does not agree" in refusal(path)


def test_every_byte_counts(tmp_path):
    """A changed byte anywhere in the file is noticed, in the block of the checksum too."""
    run = RunFile("x", "", 1)
    path = store.write(tmp_path / "run.h5", run)
    raw = path.read_bytes()
    assert intact(path, run.fingerprint)
    source = np.random.default_rng(3)
    places = [*range(512), *source.integers(512, len(raw), 500)]
    for place in places:
        changed = bytearray(raw)
        changed[place] ^= 1 << int(source.integers(8))
        path.write_bytes(changed)
        assert not intact(path, run.fingerprint), place
    for place in (0, 511, places[-1]):
        changed = bytearray(raw)
        changed[place] ^= 1
        path.write_bytes(changed)
        refusal(path)


def test_a_cut_off_checksum_is_missed(run, tmp_path):
    path = store.write(tmp_path / "run.h5", run)
    path.write_bytes(path.read_bytes()[512:])
    assert "the checksum of the file, though not of its parts, does not agree" in refusal(path)


def test_truncated_files(run, tmp_path):
    path = store.write(tmp_path / "run.h5", run)
    raw = path.read_bytes()
    for length in (0, 1, 100, 512, 600, len(raw) // 2, len(raw) - 1):
        path.write_bytes(raw[:length])
        assert "truncated" in refusal(path)


def claim(file, name, shape, **options):
    del file[name]
    file.create_dataset(name, shape=shape, dtype="f8", **options)


def attack(kind, file, folder):
    """Change a results file in one way that a stranger may think of."""
    victim = folder / "victim.h5"
    if kind == "huge":
        claim(file, "best_fit/values", (10**12,), chunks=(1000,))
    elif kind == "huge and empty":
        claim(file, "best_fit/values", (10**12,))
    elif kind == "compressed":
        claim(file, "best_fit/values", (10**6,), chunks=(10**6,), compression="gzip")
        file["best_fit/values"][...] = 0.0
    elif kind == "external link":
        with h5py.File(victim, "w") as other:
            other["values"] = np.zeros(3)
        del file["best_fit/values"]
        file["best_fit/values"] = h5py.ExternalLink(str(victim), "/values")
    elif kind == "soft link":
        del file["best_fit/values"]
        file["best_fit/values"] = h5py.SoftLink("/best_fit/errors")
    elif kind == "external storage":
        (folder / "secret").write_bytes(bytes(24))
        claim(file, "best_fit/values", (3,), external=[(str(folder / "secret"), 0, 24)])
    elif kind == "virtual":
        layout = h5py.VirtualLayout(shape=(3,), dtype="f8")
        layout[:] = h5py.VirtualSource(str(victim), "values", shape=(3,))
        del file["best_fit/values"]
        file["best_fit"].create_virtual_dataset("values", layout)
    elif kind == "lists":
        del file["best_fit/values"]
        file["best_fit"].create_dataset("values", (3,), dtype=h5py.vlen_dtype(float))
    elif kind == "references":
        del file["best_fit/values"]
        file["best_fit"].create_dataset("values", (3,), dtype=h5py.ref_dtype)
    elif kind == "text for numbers":
        del file["best_fit/values"]
        file["best_fit/values"] = ["a", "b", "c"]
    elif kind == "number for text":
        file["best_fit"].attrs["status"] = 5
    elif kind == "number for truth":
        file["best_fit"].attrs["valid"] = 1.0
    elif kind == "group for array":
        del file["best_fit/values"]
        file.create_group("best_fit/values")
    elif kind == "array for group":
        del file["ensembles"]
        file["ensembles"] = np.zeros(3)
    elif kind == "other shape":
        claim(file, "best_fit/values", (5,))
        file["best_fit/values"][...] = 0.0
    elif kind == "missing group":
        del file["ensembles"]
    elif kind == "no steps":
        file["ensembles/0"].attrs["iteration"] = -5
    elif kind == "more steps":
        file["ensembles/0"].attrs["iteration"] = 401
    elif kind == "numbers for a name":
        file.attrs["name"] = np.zeros(1000)
    elif kind == "long text":
        del file["analysis_text"]
        file["analysis_text"] = "x" * 50_000_000
    elif kind == "the same text often":
        del file["parameters/latex"]
        file["parameters/latex"] = ["y" * 4_000_000] * 5
    elif kind == "deep":
        del file["best_fit/values"]
        group = file.create_group("best_fit/values")
        for _ in range(2000):
            group = group.create_group("x")
    elif kind == "nested JSON":
        del file["versions"]
        file["versions"] = "[" * 100_000
    elif kind == "no JSON":
        del file["notes"]
        file["notes"] = "{}"
    elif kind == "many members":
        for number in range(3000):
            file["scans"].create_group(f"x{number}")
    elif kind == "a layout that is no number":
        file.attrs["schema_version"] = "new"
    else:
        raise AssertionError(kind)


ATTACKS = {
    "huge": "claims 8000000000000 bytes that are not in the file",
    "huge and empty": "claims 8000000000000 bytes that are not in the file",
    "compressed": "/best_fit/values is compressed, as no results file is",
    "external link": "/best_fit/values is a link to another place, which is not followed",
    "soft link": "/best_fit/values is a link to another place, which is not followed",
    "external storage": "/best_fit/values is stored in another file, which is not followed",
    "virtual": "/best_fit/values is put together from other files, which is not followed",
    "lists": "/best_fit/values does not hold numbers",
    "references": "/best_fit/values does not hold numbers",
    "text for numbers": "/best_fit/values does not hold numbers",
    "number for text": "/best_fit/status is 5, but str is needed",
    "number for truth": "/best_fit/valid is 1.0, but bool is needed",
    "group for array": "/best_fit/values is a Group, not a Dataset",
    "array for group": "/ensembles is a Dataset, not a Group",
    "other shape": "BestFit.values has shape (5,), but (3,) is needed",
    "missing group": "no 'ensembles' in group '/'",
    "no steps": "/ensembles/0/iteration is -5",
    "more steps": "/ensembles/0/blobs has shape (400, 16), but 401 rows are needed",
    "numbers for a name": "/name is no text",
    "long text": "/analysis_text has 50000000 characters, more than 1000000",
    "the same text often": "the texts up to /parameters/latex have more than 16000000 bytes",
    "deep": "/best_fit/values is a Group, not a Dataset",
    "nested JSON": "damaged results file: ",
    "no JSON": "/notes is not a JSON list",
    "many members": "no '1' in group '/scans'",
    "a layout that is no number": "damaged results file: ",
}


@pytest.mark.parametrize(("kind", "message"), ATTACKS.items())
def test_a_file_made_to_harm(path, tmp_path, kind, message):
    with h5py.File(path, "a") as file:
        attack(kind, file, tmp_path)
    text = refusal(path)
    assert message in text
    # With a checksum that agrees it gets no further.
    path.write_bytes(resealed(bytes(512) + path.read_bytes()))
    assert message in refusal(path)


def test_what_is_no_regular_file(tmp_path):
    assert "not a results file, but a directory or a device" in refusal(tmp_path)
    os.mkfifo(tmp_path / "fifo")
    assert "a device" in refusal(tmp_path / "fifo")
    assert "a device" in refusal("/dev/zero")
    assert "cannot be read: embedded null byte" in refusal("a\0b")
    assert "File name too long" in refusal("x" * 5000)


def test_control_characters_of_stored_texts_are_written_as_escapes(run, tmp_path):
    bad = "\x1b[2J\x9b31m\x07\u202e\r[bold]"
    fields = {"analysis_text": f"name: {bad}\n", "created": bad, "notes": (bad,)}
    fields |= {"versions": {bad: bad}, "fingerprint": {"a": bad}}
    found = store.read(store.write(tmp_path / "run.h5", RunFile(bad, seed=1, **fields)))
    shown = r"\x1b[2J\x9b31m\x07\u202e\r[bold]"
    assert found.name == found.created == found.notes[0] == shown
    assert found.versions == {shown: shown}
    assert found.analysis_text == f"name: {shown}\n"
    with h5py.File(store.write(tmp_path / "run.h5", run), "a") as file:
        file["best_fit"].attrs["status"] = bad
        file["best_fit/names"][0] = bad
    best = store.read(tmp_path / "run.h5", verify=False).best_fit
    assert best.status == best.names[0] == shown


def test_notes_in_json_are_texts(run, path):
    with h5py.File(path, "a") as file:
        del file["notes"]
        file["notes"] = json.dumps([1, {"a": []}, None])
    assert store.read(path).notes == ("1", "{'a': []}", "None")


def small(run, tmp_path):
    """Bytes of a results file of 40 kB with all parts."""
    import dataclasses

    short = tuple(
        dataclasses.replace(
            ensemble,
            chain=ensemble.chain[:8],
            log_posterior=ensemble.log_posterior[:8],
            log_likelihood=ensemble.log_likelihood[:8],
            log_prior=ensemble.log_prior[:8],
        )
        for ensemble in run.ensembles
    )
    return store.write(tmp_path / "run.h5", dataclasses.replace(run, ensembles=short))


def campaign(copies, path, **options):
    """Outcomes of reading copies, each in a process of its own."""
    found = {}
    for changed in copies:
        path.write_bytes(changed)
        outcome = verdict(lambda: store.read(path, **options))
        found[outcome] = found.get(outcome, 0) + 1
    return found


@pytest.mark.parametrize("number", [6, pytest.param(1000, marks=pytest.mark.slow)])
def test_mutated_files_are_refused(run, tmp_path, number):
    path = small(run, tmp_path)
    raw = path.read_bytes()
    copies = (copy for copy in mutations(raw, number, seed=1) if copy != raw)
    assert set(campaign(copies, path)) == {"refused"}


@pytest.mark.parametrize("number", [6, pytest.param(1000, marks=pytest.mark.slow)])
def test_mutated_files_without_checksum_are_read_or_refused(run, tmp_path, number):
    path = unsealed(small(run, tmp_path))
    found = campaign(mutations(path.read_bytes(), number, seed=2), path)
    assert set(found) == {"done", "refused"}, found


@pytest.mark.parametrize("number", [6, pytest.param(1000, marks=pytest.mark.slow)])
def test_mutated_files_with_a_forged_checksum_are_read_or_refused(run, tmp_path, number):
    path = small(run, tmp_path)
    raw = path.read_bytes()
    copies = (resealed(copy) for copy in mutations(raw, number, seed=13) if len(copy) > 600)
    found = campaign(copies, path, foreign=True)
    assert set(found) == {"done", "refused"}, found
