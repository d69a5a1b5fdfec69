"""The program: version, help, errors of one line."""

import pytest

import signalprep as sp


def test_version_help_and_nothing(run):
    code, out, _ = run("--version")
    assert (code, out) == (0, f"signalprep {sp.__version__}\n")
    for words in (("--help",), ("report", "--help"), ("check", "--help")):
        code, out, err = run(*words)
        assert (code, err) == (0, "")
        assert "Usage: signalprep" in out
    code, out, err = run()
    assert (code, err) == (2, "")
    assert "report" in out


@pytest.mark.parametrize("error", ["KeyError('q_axis')", "RuntimeError('no device')"])
def test_what_a_pipeline_raises_takes_one_line(run, folder, tmp_path, error):
    (tmp_path / "mine.py").write_text(
        "from sklearn.base import BaseEstimator, RegressorMixin\n"
        "class Broken(RegressorMixin, BaseEstimator):\n"
        "    def fit(self, X, y):\n"
        f"        raise {error}\n"
        "    def predict(self, X):\n"
        "        return X\n"
        "def build():\n    return Broken()\n"
    )
    code, _, err = run(
        "report", folder, "--target", "Current", "--folds", 2, "--pipeline", "mine.py:build"
    )
    assert code == 2
    assert error.split("'")[1] in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("report", "nix", "--target", "a"), "nix: no such file or folder"),
        (("report", "{folder}"), "Missing option '--target'"),
        (("report", "{folder}", "--target", "Curent"), "did you mean 'Current'"),
        (("report", "{folder}", "--target", "Current", "--model", "tree"), "must be one of ridge"),
        (("report", "{folder}", "--target", "Current", "--folds", "9"), "--folds 9 and 4 cycles"),
        (("report", "{folder}", "--target", "Current", "--folds", "x"), "folds"),
        (("report", "{folder}", "--target", "Current", "-r", "Speed"), "--regimes must look like"),
        (("report", "{folder}", "--target", "Current", "-r", "Speed=a:b"), "must be numbers"),
        (("report", "{folder}", "--target", "Current", "-r", "Spd=3"), "did you mean 'Speed'"),
        (
            ("report", "{folder}", "--target", "Current", "-i", "Current"),
            "must not hold the target",
        ),
        (("report", "{folder}", "--target", "Current", "--spans", "a", "--folds", "2"), "spans"),
        (("report", "{folder}", "--target", "Current", "--nix"), "--nix"),
        (("report", "{folder}", "--target", "Current", "--jobs", "0"), "--jobs must be"),
        (("report", "{folder}", "--target", "Current", "-i", ","), "names must stand between"),
        (("report", "{folder}", "--target", "Current", "-o", "no/x.html"), "no folder 'no'"),
        (("report", "{folder}", "--target", "Current", "--json", "."), "--json must name a file"),
        (("wrong",), "wrong"),
    ],
)
def test_errors_take_one_line_and_end_with_2(run, folder, words, message):
    code, _, err = run(*(str(folder) if word == "{folder}" else word for word in words))
    assert code == 2
    assert message in err
    assert len(err.strip().splitlines()) == 1
    assert err.startswith("signalprep: ")
