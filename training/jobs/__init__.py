"""Trainings of any kind in processes of their own, followed through the database."""

from training.jobs import compression as compression  # each registers itself
from training.jobs import course as course
from training.jobs import experiments as experiments
from training.jobs import faces as faces
from training.jobs import search as search
from training.jobs.board import JobBoard, board_of
from training.jobs.records import Job, Line, Status

__all__ = ["Job", "JobBoard", "Line", "Status", "board_of"]
