"""The Train page, headless: what it says without people, while a training runs, when it stopped and when it is done."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from pages.components.network_switch import SWITCH
from pages.components.text import duration
from pages.train.choices import PART_NAMES
from recognition import services
from recognition.networks import BACKBONES, BUILT_IN, Network, is_available, pretrained, registry
from recognition.services import Services
from tests.browsing import ROOT
from tests.pages.headless import checked, open_page, press, words
from tests.recognition.gallery.photos import photo
from tests.training import made
from training.faces.augmentation import PARTS
from training.faces.settings import PRESETS, FitSettings, for_scope
from training.jobs import JobBoard, paths
from training.jobs.tables import TrainingEpoch, TrainingJob, TrainingLine
from training.loop.checkpoint import STATE
from training.models import TunedModel, list_models, save_model

Picture = NDArray[np.uint8]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: Network) -> Iterator[Services]:
    """Services with a storage folder of their own, empty."""
    monkeypatch.setenv("FAMILIAR_STORAGE", str(tmp_path / "data"))
    # One load of the weights for all tests.
    monkeypatch.setattr(services, "load_network", lambda *_: network)
    services.shared_services.cache_clear()
    found = services.shared_services()
    monkeypatch.delenv("FAMILIAR_STORAGE")
    yield found
    found.gallery.close()
    services.shared_services.cache_clear()


def variants(crop: Picture, number: int) -> list[Picture]:
    """The crop and pieces of it, enlarged: as different as photos of different days."""
    return [np.ascontiguousarray(np.roll(crop, 12 * step, axis=step % 2)) for step in range(number)]


Enroll = Callable[..., None]


@pytest.fixture
def enroll(app: Services, collins_crop: Picture, hopper_crop: Picture) -> Enroll:
    """Enrolls so many photos of Collins and of Hopper."""

    def people(*numbers: int) -> None:
        crops = {"Eileen *Collins*": collins_crop, "Grace Hopper": hopper_crop}
        for (name, crop), number in zip(crops.items(), numbers, strict=False):
            photos = [photo(0, crop=one, picture=one, templates={}) for one in variants(crop, number)]
            app.gallery.enroll(name, photos, consented=True)

    return people


@pytest.fixture
def model(app: Services, enroll: Enroll) -> TunedModel:
    """A model made of Collins, four photos, and Hopper, three; her first photo was taken for Hopper."""
    return keep(app, enroll)


def keep(app: Services, enroll: Enroll, *, recommended: bool = True, clear: bool = True) -> TunedModel:
    enroll(4, 3)
    people = app.gallery.people()
    photos = [str(photo.id) for person in people for photo in app.gallery.photos(person.id)]
    result = made.trained([str(person.id) for person in people], photos, recommended=recommended, clear=clear)
    save_model(app.settings.storage, "First *one*", result, "CC0", gallery=app.gallery.identity())
    return list_models(app.settings.storage)[0]


def opened(tab: str = "Train", **params: str) -> AppTest:
    return open_page("train.py", train=tab, **params)


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def charts(page: AppTest) -> int:
    return len(page.get("vega_lite_chart"))


# --- what is missing


def test_with_nobody_enrolled_it_leads_to_enrolling(app: Services) -> None:
    page = opened()
    assert "Nobody is enrolled yet" in words(page)
    assert "Train" not in labels(page)


def test_one_person_is_not_enough(enroll: Enroll) -> None:
    enroll(3)
    page = opened()
    assert r"Only Eileen \*Collins\* is enrolled" in words(page)
    assert "Train" not in labels(page)


def test_two_people_with_one_photo_each_are_not_enough(enroll: Enroll) -> None:
    enroll(1, 1)
    page = opened()
    assert "Everybody has just one photo" in words(page)
    assert "Train" not in labels(page)


def test_one_person_with_one_photo_is_pointed_out(enroll: Enroll) -> None:
    enroll(5, 1)
    page = opened()
    assert "Grace Hopper has one photo" in words(page)
    assert not page.button(key="start_training").disabled


def test_photos_that_show_one_moment_leave_nothing_to_judge_by(
    app: Services, collins_crop: Picture, hopper_crop: Picture
) -> None:
    for name, crop in {"Ann": collins_crop, "Ben": hopper_crop}.items():
        alike = [np.maximum(crop, step).astype(np.uint8) for step in range(3)]
        photos = [photo(0, crop=one, picture=one, templates={}) for one in alike]
        app.gallery.enroll(name, photos, consented=True)
    page = opened()
    assert "nearly the same moment" in words(page)
    assert page.button(key="start_training").disabled


# --- choosing


def test_the_page_says_how_the_photos_will_be_divided(enroll: Enroll) -> None:
    enroll(5, 5)
    said = words(opened())
    assert "2 people, 10 photos" in said
    for part in ("**6** to learn from", "**2** to choose the best epoch (validation)", "**2** for the final test"):
        assert part in said


def test_the_parts_add_up_to_all_photos(app: Services, collins_crop: Picture, hopper_crop: Picture) -> None:
    crops = [turned for crop in (collins_crop, hopper_crop) for turned in (crop, crop[:, ::-1], crop[::-1])]
    for number, crop in enumerate(crops):
        photos = [photo(0, crop=one, picture=one, templates={}) for one in variants(np.ascontiguousarray(crop), 6)]
        app.gallery.enroll(f"Person {number}", photos, consented=True)
    lost = app.gallery.photos(app.gallery.people()[0].id)[0]
    next((app.settings.storage / "crops").rglob(f"{lost.crop_sha256}*")).unlink()
    said = words(opened())
    assert "36 photos" in said
    counted = re.findall(r"\*\*(\d+)\*\* (?:to learn|to choose|for the final|of 1 person held out|can't be read)", said)
    assert (len(counted), sum(map(int, counted))) == (5, 36)


def test_a_preset_fills_every_setting_and_one_changed_by_hand_is_told(enroll: Enroll) -> None:
    enroll(3, 3)
    page = opened()
    assert page.number_input(key="train_epochs").value == PRESETS["balanced"].epochs
    checked(page.button_group(key="train_preset").set_value("fast").run())
    assert page.number_input(key="train_epochs").value == PRESETS["fast"].epochs
    assert "Changed by hand" not in words(page)
    checked(page.number_input(key="train_epochs").set_value(3).run())
    assert "Changed by hand" in words(page)
    press(page, "Back to the preset")
    assert page.number_input(key="train_epochs").value == PRESETS["fast"].epochs


def test_every_number_has_its_title_and_bounds(enroll: Enroll) -> None:
    enroll(3, 3)
    page = opened()
    for name, field in FitSettings.model_fields.items():
        if field.annotation in (int, float):
            shown = page.number_input(key=f"train_{name}")
            assert shown.label == field.title
            for value in (shown.min, shown.max):
                FitSettings(**{name: shown.value.__class__(value)})


def test_training_starts_with_what_was_chosen(enroll: Enroll, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[FitSettings, str | None]] = []
    monkeypatch.setattr(JobBoard, "start", lambda _, settings, name=None: started.append((settings, name)))
    enroll(3, 3)
    page = opened()
    page.button_group(key="train_preset").set_value("fast").run()
    page.radio(key="train_scope").set_value("last").run()
    page.number_input(key="train_epochs").set_value(3)
    page.radio(key="train_head").set_value("dense")
    page.button_group(key="train_strength").set_value("light")
    page.button_group(key="train_parts").set_value(["mirror", "blur"])
    # No run in between: what is typed just before the click counts too.
    page.text_input(key="train_name").set_value(" Mine ")
    press(page, "Train")
    ((settings, name),) = started
    assert name == "Mine"
    assert (settings.epochs, settings.scope, settings.head) == (3, "last", "dense")
    assert (settings.augmentation.strength, settings.augmentation.parts) == ("light", {"mirror", "blur"})
    assert settings.learning_rate == for_scope(PRESETS["fast"], "last").learning_rate


def test_a_training_that_can_t_start_says_why(enroll: Enroll, model: TunedModel) -> None:
    page = opened()
    page.text_input(key="train_name").set_value(model.manifest.name).run()
    press(page, "Train")
    assert "already a model called" in page.error[0].value


def test_a_network_that_is_not_here_is_fetched_first(enroll: Enroll) -> None:
    enroll(3, 3)
    page = opened()
    checked(page.selectbox(key="train_network").set_value("resnet50").run())
    assert page.button(key="start_training").disabled
    assert "Download" in labels(page)


def test_every_kind_of_change_has_a_name() -> None:
    assert set(PART_NAMES) == set(PARTS)


# --- augmentation


def pictures(page: AppTest) -> list[str]:
    return [url for image in page.get("image") for url in image.value]


def preview(page: AppTest) -> list[str]:
    """A face as enrolled and its sixteen draws, below the faces that are for learning, choosing and testing."""
    return pictures(page)[-17:]


def test_the_preview_shows_sixteen_draws_and_draws_again_on_click(enroll: Enroll) -> None:
    enroll(3, 3)
    page = opened()
    first = preview(page)
    press(page, "Draw again")
    second = preview(page)
    assert second[0] == first[0]
    assert second[1:] != first[1:]


def test_the_preview_goes_on_to_another_face(enroll: Enroll) -> None:
    enroll(3, 3)
    page = opened()
    assert r"Eileen \*Collins\* as enrolled" in words(page)
    press(page, "Another face")
    assert "Grace Hopper as enrolled" in words(page)


def test_the_preview_follows_the_strength(enroll: Enroll) -> None:
    enroll(3, 3)
    page = opened()
    checked(page.button_group(key="train_strength").set_value("none").run())
    assert len(set(preview(page))) == 1


# --- trainings, from rows


def job(app: Services, status: str, *, epochs: Sequence[float] = (), **values: Any) -> int:
    """Rows of a job as the training process would have written them. epochs: how good the validation found each."""
    with app.gallery.database.write_unrevised() as session:
        row = TrainingJob(
            kind="faces", status=status, settings=PRESETS["fast"].model_dump_json(), created_at=datetime.now(UTC), **values
        )
        session.add(row)
        session.flush()
        for epoch, quality in enumerate(epochs, 1):
            session.add(TrainingEpoch(job_id=row.id, **vars(made.record(epoch, quality=quality))))
        session.add(TrainingLine(job_id=row.id, at=datetime.now(UTC), text="Asking the untuned network."))
        return row.id


@pytest.fixture
def lock(app: Services) -> Iterator[filelock.BaseFileLock]:
    """Held as by a process that trains."""
    with filelock.FileLock(paths.training_lock(app.settings.storage.absolute()).lock_file, thread_local=False) as held:
        yield held


def test_a_running_training_shows_its_progress_curves_and_log(
    app: Services, enroll: Enroll, lock: filelock.BaseFileLock
) -> None:
    enroll(3, 3)
    job(app, "running", epochs=(0.7, 0.8), done=20, total=80, seconds_left=130.0)
    page = opened()
    said = words(page)
    assert page.get("progress")[0].proto.value == 25
    assert f"Epoch 3 of at most {PRESETS['fast'].epochs}, about 2 minutes left" in page.get("progress")[0].proto.text
    assert charts(page) == 2
    assert "epoch 2, the best so far" in said
    assert "Asking the untuned network." in page.code[0].value
    assert "Train" not in labels(page)


def test_cancelling_asks_first_and_then_asks_the_training_to_stop(
    app: Services, enroll: Enroll, lock: filelock.BaseFileLock
) -> None:
    enroll(3, 3)
    number = job(app, "running", total=80)
    page = opened()
    assert "Stop this training?" in words(page)
    press(page, "Stop the training")
    with app.gallery.database.read() as session:
        row = session.get(TrainingJob, number)
        assert row is not None and row.cancel


def test_a_training_whose_process_is_gone_is_interrupted_and_can_be_resumed(
    app: Services, enroll: Enroll, monkeypatch: pytest.MonkeyPatch
) -> None:
    resumed: list[int] = []
    monkeypatch.setattr(JobBoard, "resume", lambda _, number: resumed.append(number))
    enroll(3, 3)
    number = job(app, "running", epochs=(0.7, 0.7), done=20, total=80)
    page = opened()
    assert "The training was interrupted" in words(page)
    assert next(button for button in page.button if button.label == "Resume").disabled
    checkpoint = paths.checkpoints(app.settings.storage.absolute(), number)
    checkpoint.mkdir(parents=True)
    (checkpoint / STATE).write_text("{}")
    press(page.run(), "Resume")
    assert resumed == [number]


def test_a_failed_training_says_why_and_starts_over_with_its_settings(
    app: Services, enroll: Enroll, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[FitSettings, str | None]] = []
    monkeypatch.setattr(JobBoard, "start", lambda _, settings, name=None: started.append((settings, name)))
    enroll(3, 3)
    job(app, "failed", error="The loss is not a number any more.", name="Mine")
    page = opened()
    assert "The loss is not a number any more" in page.error[0].value.replace("\\", "")
    press(page, "Start over")
    assert started == [(PRESETS["fast"], "Mine")]


def test_a_cancelled_training_can_be_discarded(app: Services, enroll: Enroll) -> None:
    enroll(3, 3)
    job(app, "cancelled")
    page = opened()
    assert "The training was cancelled" in words(page)
    press(page, "Discard")
    assert "The training was cancelled" not in words(page)


def test_every_training_that_stopped_can_be_reached(app: Services, enroll: Enroll, monkeypatch: pytest.MonkeyPatch) -> None:
    resumed: list[int] = []
    monkeypatch.setattr(JobBoard, "resume", lambda _, number: resumed.append(number))
    enroll(3, 3)
    older, newer = job(app, "cancelled", name="*Older*"), job(app, "failed", error="Too little memory.")
    for number in (older, newer):
        folder = paths.checkpoints(app.settings.storage.absolute(), number)
        folder.mkdir(parents=True)
        (folder / STATE).write_text("{}")
    page = opened()
    assert r"\*Older\*" in words(page) and "Too little memory" in words(page)
    checked(page.button(key=f"resume_{older}").click().run())
    assert resumed == [older]
    checked(page.button(key=f"discard_{older}").click().run())
    assert [one.id for one in JobBoard(app.gallery, app.settings.storage).list()] == [newer]
    assert not paths.work_folder(app.settings.storage.absolute(), older).exists()


def test_a_training_in_the_queue_says_that_it_waits(
    app: Services, enroll: Enroll, lock: filelock.BaseFileLock, monkeypatch: pytest.MonkeyPatch
) -> None:
    enroll(3, 3)
    job(app, "waiting")
    page = opened()
    assert "Waiting for another training to end" in page.get("progress")[0].proto.text


def test_whoever_deletes_a_person_chooses_what_becomes_of_the_networks(app: Services, model: TunedModel) -> None:
    def dialog(person: object) -> None:
        from pages.people.deleting import delete_people

        delete_people([person])  # type: ignore[list-item]

    page = AppTest.from_function(dialog, args=(app.gallery.find("Eileen *Collins*"),), default_timeout=60)
    page.query_params["person"] = "1"
    assert r"1 network learned from this: **First \*one\***" in words(checked(page.run()))
    (choice,) = page.radio
    assert choice.value == "retrain" and len(choice.options) == 3
    choice.set_value("delete").run()
    press(page, ":red[Delete now]")
    assert list_models(app.settings.storage) == [] and [person.name for person in app.gallery.people()] == ["Grace Hopper"]


def test_a_training_that_is_done_leads_to_its_result(app: Services, model: TunedModel) -> None:
    job(app, "done", model=model.manifest.key)
    page = opened()
    assert r"The last training made **First \*one\***" in words(page)
    press(page, "See what it gained")
    assert "Better on hard photos" in words(page)


def test_whoever_watches_a_training_is_led_to_its_result(app: Services, enroll: Enroll, model: TunedModel) -> None:
    number = job(app, "running", total=80)
    with filelock.FileLock(app.settings.storage.absolute() / "training.lock"):
        page = opened()
    with app.gallery.database.write_unrevised() as session:
        row = session.get(TrainingJob, number)
        assert row is not None
        row.status, row.model = "done", model.manifest.key
    checked(page.run())
    assert "Better on hard photos" in words(page)


# --- the result


@pytest.mark.parametrize(
    ("panel", "drawn"), [("Mixed up", 1), ("By person", 1), ("Similarities", 2), ("Map", 2), ("Curves", 2)]
)
def test_every_panel_of_a_result_is_drawn_and_explained(model: TunedModel, panel: str, drawn: int) -> None:
    page = opened("Result", report=panel)
    assert charts(page) == drawn
    assert not page.error


def test_the_result_compares_untuned_and_tuned(model: TunedModel) -> None:
    table = opened("Result").table[0].value
    assert table["Network"].tolist() == ["Untuned", "Tuned", "Untuned", "Tuned"]
    assert table["Right name, while 1 in 100 strangers gets one"].tolist() == ["98.0%", "98.0%", "80.0%", "85.0%"]


def test_the_faces_whose_name_changed_come_before_the_numbers(model: TunedModel) -> None:
    page = opened("Result", report="Curves")
    said = words(page).replace("\\", "")
    # Made dark: 0.3 is too little for the untuned network, 0.95 enough for the tuned one, at the confidence of the settings.
    assert "Names that changed: 1 to the right one, 1 to a wrong one or none" in said
    assert ":gray[before:] Unknown  \n:gray[now:] **Eileen *Collins***" in said
    assert "as in the dark" in said
    # As it is, she was unknown and is now taken for somebody else: that is not kept quiet.
    assert ":gray[now:] **Grace Hopper**" in said and "it is Eileen *Collins*" in said
    assert len(pictures(page)) == 2


def test_no_clear_difference_is_called_that_and_needs_no_confirmation(app: Services, enroll: Enroll) -> None:
    model = keep(app, enroll, recommended=False, clear=False)
    page = opened("Result")
    assert page.info[0].value.startswith("No clear difference") and not page.warning and not page.success
    press(page, "Use for the live camera")
    task = app.tasks.get(SWITCH)
    assert task is not None and task.wait(60).status == "done"
    assert app.settings.network == model.manifest.key
    assert "No clear difference" in words(opened("Models"))


def test_a_face_it_got_wrong_is_shown_with_what_was_said(model: TunedModel) -> None:
    page = opened("Result", report="Wrong faces")
    said = words(page)
    assert r"**Eileen \*Collins\***" in said and "taken for Grace Hopper, 0.90" in said
    assert "Untuned: right, 0.41" in said
    # Two of what changed, one of what is wrong.
    assert len(pictures(page)) == 3


def test_photos_and_people_deleted_since_don_t_break_the_result(app: Services, model: TunedModel) -> None:
    wrong = model.training.report.guesses[0]
    app.gallery.delete_photo(int(wrong.photo))
    page = opened("Result", report="Wrong faces")
    assert not pictures(page)
    assert "1 photo that is no longer here left out" in words(page)
    app.gallery.delete_person(int(wrong.guess))
    for panel in ("Wrong faces", "Mixed up", "By person", "Map"):
        page = opened("Result", report=panel)
        assert "Trained on somebody who has been deleted since" in words(page)


def test_people_enrolled_since_are_told(app: Services, model: TunedModel, hopper_crop: Picture) -> None:
    other = np.ascontiguousarray(hopper_crop[::-1])
    app.gallery.enroll("New", [photo(0, crop=other, picture=other, templates={})], consented=True)
    assert "People enrolled since: 1. Train again to include them" in words(opened("Result"))


def test_a_recommended_model_is_put_to_use(app: Services, model: TunedModel) -> None:
    page = opened("Result")
    press(page, "Use for the live camera")
    task = app.tasks.get(SWITCH)
    assert task is not None and task.wait(60).status == "done"
    assert app.settings.network == model.manifest.key
    checked(page.run())
    assert "In use for the live camera" in words(page)


def test_a_model_that_is_not_recommended_needs_confirmation(app: Services, enroll: Enroll) -> None:
    model = keep(app, enroll, recommended=False)
    page = opened("Result")
    assert page.warning[0].value.startswith("Worse than the untuned network")
    press(page, "Use for the live camera")
    assert app.tasks.get(SWITCH) is None
    assert "probably recognises your people better" in words(page)
    press(page, "Use it all the same")
    task = app.tasks.get(SWITCH)
    assert task is not None and task.wait(60).status == "done"
    assert app.settings.network == model.manifest.key


def test_the_settings_ask_too_before_such_a_model_is_used(app: Services, enroll: Enroll) -> None:
    model = keep(app, enroll, recommended=False)
    page = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    page.switch_page("settings.py")
    checked(checked(page.run()).button(key=f"use_{model.manifest.id}").click().run())
    assert "probably recognises your people better" in words(page)
    assert app.tasks.get(SWITCH) is None


def test_a_model_made_elsewhere_shows_numbers_and_no_faces_of_ours(app: Services, enroll: Enroll) -> None:
    enroll(4, 3)
    people, photos = ("1", "2"), ("1", "2", "3")
    save_model(app.settings.storage, "Theirs", made.trained(people, photos), "CC0", gallery="another")
    page = opened("Result", report="Wrong faces")
    assert "Made from other photos" in words(page)
    assert not pictures(page)


# --- the models


def test_no_models_yet_is_said(app: Services) -> None:
    assert "No tuned network yet" in words(opened("Result"))
    assert "No network has been tuned here yet" in words(opened("Models"))


def test_models_are_listed_with_what_they_gained(app: Services, model: TunedModel) -> None:
    said = words(opened("Models"))
    assert r"First \*one\*" in said
    assert "2 people, 7 photos" in said
    assert "The right name, while 1 in 100 strangers gets one: 98.0% → **98.0%** of the photos as they are" in said
    assert "80.0% → **85.0%** of the same made worse" in said


def test_a_damaged_model_can_only_be_deleted(app: Services, model: TunedModel) -> None:
    (app.settings.storage / "models" / model.manifest.id / "training.json").write_text("{")
    page = opened("Models")
    assert "is damaged" in words(page)
    press(page, "Delete")
    press(page, "Delete for good")
    assert r"deleted\." in words(page)
    assert not (app.settings.storage / "models" / model.manifest.id).exists()


def test_the_model_in_use_can_t_be_deleted(app: Services, model: TunedModel) -> None:
    press(opened("Result"), "Use for the live camera")
    task = app.tasks.get(SWITCH)
    assert task is not None and task.wait(60).status == "done"
    page = opened("Models")
    assert page.button(key=f"delete_{model.manifest.id}").disabled


def test_a_model_is_renamed(app: Services, model: TunedModel) -> None:
    page = press(opened("Models"), "Rename")
    next(field for field in page.text_input if field.label == "New name").set_value("Better")
    checked(page.button(key="do_it").click().run())
    assert list_models(app.settings.storage)[0].manifest.name == "Better"


def test_two_models_are_compared(app: Services, model: TunedModel) -> None:
    save_model(app.settings.storage, "Second", made.trained(seed=1, recommended=False), "CC0")
    table = opened("Models").table[0].value
    facts = dict(zip(table.iloc[:, 0], zip(table["First"], table["Second"], strict=True), strict=True))
    assert facts["Better than the untuned one"] == ("no", "yes")
    assert facts["Photos"] == ("3", "7")


def test_a_file_that_is_no_model_is_refused_with_a_reason(app: Services) -> None:
    page = opened("Models")
    page.file_uploader(key="import_model_0").upload("model.zip", b"not a zip", "application/zip").run()
    press(page, "Import")
    assert page.error
    assert not list_models(app.settings.storage)


# --- the pages around it


def test_tuned_networks_are_in_the_settings_and_on_the_home_page(app: Services, model: TunedModel) -> None:
    settings = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    settings.switch_page("settings.py")
    assert r"First \*one\*" in words(checked(settings.run()))
    home = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    assert "1 network trained on your people" in words(checked(home.run()))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "10 seconds"), (44, "40 seconds"), (60, "1 minute"), (130, "2 minutes"), (4900, "1 hour 20 minutes")],
)
def test_how_long_it_takes_is_said_in_words(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_network_that_knows_no_faces_can_t_be_trained_with_a_new_head_alone(app: Services, enroll: Enroll) -> None:
    enroll(4, 3)
    page = opened()
    page.radio(key="train_scope").set_value("head").run()
    page.selectbox(key="train_network").set_value("resnet50").run()
    scopes = checked(page).radio(key="train_scope")
    assert (len(scopes.options), scopes.value) == (3, "last")
    assert page.number_input(key="train_learning_rate").value == for_scope(PRESETS["balanced"], "last").learning_rate
    page.selectbox(key="train_network").set_value(BUILT_IN.key).run()
    assert len(checked(page).radio(key="train_scope").options) == 4


def test_weights_of_imagenet_can_be_taken_from_a_file_if_they_are_the_right_ones(
    app: Services, enroll: Enroll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enroll(4, 3)
    file = tmp_path / "resnet50.pth"
    file.write_bytes(b"something else")
    page = opened()
    page.selectbox(key="train_network").set_value("resnet50").run()
    page.text_input(key="path_resnet50").set_value(str(file)).run()
    page.button(key="file_resnet50").click().run()
    assert "resnet50.pth fails its checksum" in words(checked(page)).replace("\\", "")
    assert not is_available(BACKBONES["resnet50"], app.settings.storage)
    network = pretrained("resnet50")
    torch.save(network.architecture.build().state_dict(), file)
    weights = replace(network.spec.weights, sha256=hashlib.sha256(file.read_bytes()).hexdigest())  # type: ignore[type-var]
    monkeypatch.setitem(registry._PRETRAINED, "resnet50", replace(network, spec=replace(network.spec, weights=weights)))
    page.button(key="file_resnet50").click().run()
    assert is_available(BACKBONES["resnet50"], app.settings.storage)
    assert "not on this computer" not in words(checked(page))
