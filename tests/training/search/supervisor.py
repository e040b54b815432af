"""A process that runs a study, for a test to kill: `supervisor.py STORAGE STUDY HOLD`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.training.search.digits import Digits
from training.search.run import run_study
from training.search.study import read_study

if __name__ == "__main__":
    storage, study, hold = sys.argv[1:]
    run_study(Path(storage), read_study(Path(storage), study), Digits(Path(hold)), Path(hold) / "work")
