"""Studies on disk."""

from pathlib import Path

import pytest

from recognition.errors import InvalidNameError
from tests.training.search.digits import study_settings
from training.errors import SearchError
from training.search.ledger import TRIALS, Ledger
from training.search.settings import Budget
from training.search.study import (
    RECORD,
    create_study,
    delete_study,
    find_study,
    list_studies,
    read_study,
    running,
    study_folder,
)


def test_a_study_is_found_by_its_id_and_by_its_name(storage: Path) -> None:
    settings = study_settings(budget=Budget(minutes=2.5))
    study = create_study(storage, "  First  try ", settings)
    assert study.name == "First try"
    assert read_study(storage, study.id) == find_study(storage, study.id) == find_study(storage, "FIRST try") == study
    assert list_studies(storage) == [study]
    with pytest.raises(SearchError, match="no study called 'second'"):
        find_study(storage, "second")


def test_two_studies_of_one_name_are_refused(storage: Path) -> None:
    create_study(storage, "Rates", study_settings())
    with pytest.raises(SearchError, match="already a study called rates"):
        create_study(storage, "rates", study_settings())
    with pytest.raises(InvalidNameError):
        create_study(storage, " ", study_settings())
    assert len(list_studies(storage)) == 1


def test_a_deleted_study_is_gone_and_one_that_runs_stays(storage: Path) -> None:
    study = create_study(storage, "Rates", study_settings())
    with running(storage, study.id), pytest.raises(SearchError, match="running already"):
        delete_study(storage, study.id)
    delete_study(storage, study.id)
    assert list_studies(storage) == [] and not study_folder(storage, study.id).exists()
    for gone in (study.id, "../studies", "nothing"):
        with pytest.raises(SearchError, match="not there"):
            read_study(storage, gone)


def test_a_damaged_study_is_named_and_hides_no_other(storage: Path) -> None:
    good, bad = (create_study(storage, name, study_settings()) for name in ("good", "bad"))
    (study_folder(storage, bad.id) / RECORD).write_text('{"name": "bad"}')
    assert list_studies(storage) == [good]
    with pytest.raises(SearchError, match="damaged, or of another version"):
        read_study(storage, bad.id)
    delete_study(storage, bad.id)


@pytest.mark.parametrize("content", [None, b"", b"not a database at all" * 100])
def test_damaged_trials_are_named(storage: Path, content: bytes | None) -> None:
    study = create_study(storage, "Rates", study_settings())
    file = study_folder(storage, study.id) / TRIALS
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    with pytest.raises(SearchError, match=r"trials\.db can't be read or written .*delete the study"):
        Ledger(study_folder(storage, study.id), study.settings)
    assert (content is None) is not file.exists(), "it is left as it was"
