"""The process of a job: `python -m training.jobs STORAGE JOB`. `training.jobs.launcher` starts it.

The database's address comes in the environment, since it may hold a password and command lines can be read by everyone.
"""

import logging
import os
import sys
from pathlib import Path

NICENESS = 10
"""So that the live camera goes before."""

if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # After being nice: importing PyTorch is seconds of work.
    from training.jobs.launcher import DATABASE_URL
    from training.jobs.run import run_job

    run_job(Path(sys.argv[1]), int(sys.argv[2]), os.environ.get(DATABASE_URL) or None)
