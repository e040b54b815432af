"""The command line: `python -m training fit | evaluate | models | experiment | course | data | search | compress | distil`.

Exit codes: 0 done; 1 an error, told on stderr; 2 wrong usage.
"""

import typer

from training.commands import compress, course, data, distil, evaluate, experiment, fit, models, search

app = typer.Typer(
    help="Fine-tune and evaluate face recognition; the experiments of the course.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("fit")(fit.fit_command)
app.command("course")(course.course_command)
app.command("compress")(compress.compress_command)
app.command("distil")(distil.distil_command)
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(models.app, name="models")
app.add_typer(experiment.app, name="experiment")
app.add_typer(data.app, name="data")
app.add_typer(search.app, name="search")

if __name__ == "__main__":
    app()
