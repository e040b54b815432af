"""What Optuna proposes, stops and keeps."""

from collections.abc import Callable
from math import nan
from pathlib import Path

import pytest

from tests.training.search.digits import EPOCHS, Digits, study_settings
from training.errors import SearchError
from training.search.budget import progress, spent
from training.search.ledger import FAILURES, Ledger
from training.search.settings import Budget, Stopping
from training.search.space import Choice, Space
from training.search.study import create_study, study_folder
from training.search.trials import Trial, best_of
from training.search.worker import work

NEVER = Stopping(rule="none")


@pytest.fixture
def ledger(storage: Path) -> Callable[..., Ledger]:
    """A ledger of a new study with these settings."""

    def made(**changes: object) -> Ledger:
        study = create_study(storage, f"study {len(list(storage.glob('studies/*')))}", study_settings(**changes))
        return Ledger(study_folder(storage, study.id), study.settings)

    return made


def done(ledger: Ledger, tmp_path: Path, **subject: object) -> list[Trial]:
    ledger.prepare("digits")
    work(ledger, Digits(**subject), tmp_path / "work")  # type: ignore[arg-type]
    return ledger.trials()


def test_random_search_trains_every_trial_to_its_end(ledger: Callable[..., Ledger], tmp_path: Path) -> None:
    trials = done(ledger(stopping=NEVER, budget=Budget(trials=3)), tmp_path)
    assert [(trial.number, trial.state, trial.epochs) for trial in trials] == [(n, "complete", EPOCHS) for n in range(3)]
    best = best_of(trials)
    assert best is not None and best.result == max(best.curve) == max(trial.quality or 0 for trial in trials)
    assert len({trial.values["training.rate"] for trial in trials}) == 3
    assert all(trial.seconds > 0 for trial in trials)


def test_the_same_seed_proposes_the_same(ledger: Callable[..., Ledger], tmp_path: Path) -> None:
    budget = Budget(trials=2)
    first, second, other = (done(ledger(seed=seed, budget=budget), tmp_path) for seed in (1, 1, 2))
    assert [trial.values for trial in first] == [trial.values for trial in second] != [trial.values for trial in other]


@pytest.mark.parametrize("rule", ["halving", "hyperband"])
def test_early_stopping_saves_epochs_and_loses_no_good_trial(ledger: Callable[..., Ledger], tmp_path: Path, rule: str) -> None:
    found = ledger(stopping=Stopping(rule=rule), budget=Budget(trials=10))  # type: ignore[arg-type]
    trials = done(found, tmp_path)
    stopped = [trial for trial in trials if trial.state == "stopped"]
    assert stopped and {trial.epochs for trial in stopped} <= {1, 3}, "at the looks, and nowhere else"
    assert sum(trial.epochs for trial in trials) < 10 * EPOCHS
    best = best_of(trials)
    assert best is not None and best.epochs == EPOCHS and (best.quality or 0) == max(trial.quality or 0 for trial in trials)


def test_tpe_goes_where_good_trials_were(ledger: Callable[..., Ledger], tmp_path: Path) -> None:
    space = Space(dimensions={"training.rate": Choice(values=(1e-6, 1e-5, 0.5))})
    trials = done(ledger(space=space, proposals="tpe", stopping=NEVER, budget=Budget(trials=16)), tmp_path)
    later = [trial.values["training.rate"] for trial in trials[10:]]
    assert later.count(0.5) > len(later) / 2


def test_a_grid_tries_every_combination_once(ledger: Callable[..., Ledger], tmp_path: Path) -> None:
    found = ledger(proposals="grid", points=4, stopping=NEVER, budget=Budget(trials=100))
    lost = found.begin()
    assert lost is not None
    trials = done(found, tmp_path)
    assert [trial.state for trial in trials] == ["interrupted", *["complete"] * 4]
    assert trials[1].values == trials[0].values, "a combination whose process was killed is not forgotten"
    trials = trials[1:]
    assert sorted(trial.values["training.rate"] for trial in trials) == pytest.approx([1e-3, 1e-2, 1e-1, 1])  # type: ignore[type-var]


def test_a_budget_of_epochs_is_kept_to_the_epoch(ledger: Callable[..., Ledger], tmp_path: Path) -> None:
    found = ledger(stopping=NEVER, budget=Budget(epochs=2 * EPOCHS + 4))
    trials = done(found, tmp_path)
    assert [(trial.state, trial.epochs) for trial in trials] == [("complete", EPOCHS), ("complete", EPOCHS), ("cut", 4)]
    assert found.begin() is None
    settings = study_settings(stopping=NEVER, budget=Budget(epochs=2 * EPOCHS + 4))
    assert spent(settings, trials) == progress(settings, trials) == 1


def test_a_failing_trial_ends_alone_and_says_why(ledger: Callable[..., Ledger], tmp_path: Path) -> None:
    trials = done(ledger(stopping=NEVER, budget=Budget(trials=5)), tmp_path, limit=0.1)
    failed = [trial for trial in trials if trial.state == "failed"]
    assert failed and len(failed) < 5
    assert {trial.reason for trial in failed} == {"The loss is not a number any more."}
    assert all((trial.values["training.rate"] > 0.1) == (trial in failed) for trial in trials)  # type: ignore[operator]


def test_a_search_that_only_fails_is_given_up(ledger: Callable[..., Ledger], tmp_path: Path) -> None:
    with pytest.raises(SearchError, match=f"{FAILURES} trials in a row failed; the last one: The loss is not a number"):
        done(ledger(budget=Budget(trials=50)), tmp_path, limit=0.0)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: not enough memory"), KeyError("odd")])
def test_whatever_is_raised_fails_the_trial_only(ledger: Callable[..., Ledger], tmp_path: Path, error: Exception) -> None:
    class Raises(Digits):
        def train(self, *_: object) -> float:
            raise error

    found = ledger(budget=Budget(trials=1))
    found.prepare("digits")
    work(found, Raises(), tmp_path / "work")
    (trial,) = found.trials()
    assert trial.state == "failed" and trial.reason is not None
    assert trial.reason.startswith("Something unexpected" if isinstance(error, KeyError) else "The memory was too small")


def test_a_quality_that_is_no_number_is_never_the_best(ledger: Callable[..., Ledger]) -> None:
    found = ledger(budget=Budget(trials=2), stopping=NEVER)
    for quality in (nan, 0.25):
        trial = found.begin()
        assert trial is not None
        trial.report(1, quality)
        trial.complete(0.0 if quality != quality else quality)
    best = best_of(found.trials())
    assert best is not None and best.number == 1


def test_what_a_killed_process_was_at_is_tried_again(ledger: Callable[..., Ledger], tmp_path: Path) -> None:
    found = ledger(stopping=NEVER, budget=Budget(trials=2))
    lost = found.begin()
    assert lost is not None
    lost.report(1, 0.5)
    trials = done(found, tmp_path)
    assert [trial.state for trial in trials] == ["interrupted", "complete", "complete"]
    assert trials[1].values == trials[0].values, "its settings come first"


def test_other_pictures_are_refused(ledger: Callable[..., Ledger]) -> None:
    found = ledger()
    found.prepare("digits")
    with pytest.raises(SearchError, match="not those that this study began with"):
        found.prepare("letters")
