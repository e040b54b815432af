"""Trainings in processes of their own, followed through the database."""
