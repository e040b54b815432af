"""The results that the course reports, made again."""
