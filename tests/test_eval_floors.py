"""The product is as good as evals/floors.toml says: the whole offline evaluation, about a minute on two idle cores."""

from app.settings import Settings
from evals.run import main


def test_no_score_is_below_its_floor(tmp_path, capfd):
    status = main(["--out", str(tmp_path)], Settings(cache=str(tmp_path / "cache")))
    assert status == 0, capfd.readouterr().out
