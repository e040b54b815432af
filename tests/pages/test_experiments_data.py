"""The data of an experiment, headless: choosing, looking, importing, what is said when something is wrong."""

from pathlib import Path

import numpy as np
import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from pages.experiments.data_adding import TASK
from recognition.alignment import CROP_SIZE
from recognition.services import Services
from recognition.tasks import Report
from tests.pages.headless import checked, words
from tests.pages.test_plain_text import PICTURE_LINK, SHOWN_AS_IT_IS, strings
from tests.recognition.gallery.photos import photo
from tests.training.course.data.folders_of import classes, folder, png, zipped
from training.course.data import published
from training.course.data.choice import DataChoice, Digits, EnrolledFaces, Stored
from training.course.data.library import add_pictures, list_data_sets
from training.course.data.published import RemoteFile


def panel() -> None:
    import streamlit as st

    from pages.experiments.data import choose_data, show_data

    choice = choose_data()
    st.session_state["choice"] = choice
    show_data(choice)


def dialog() -> None:
    from pages.experiments.data_adding import dialog, follow

    follow()
    dialog()


def opened(script: object = panel, **params: str) -> AppTest:
    page = AppTest.from_function(script, default_timeout=60)  # type: ignore[arg-type]
    for key, value in params.items():
        page.query_params[key] = value
    return checked(page.run())


def pictures(page: AppTest) -> int:
    return len(page.get("image"))


def choice(page: AppTest) -> DataChoice:
    found = page.session_state["choice"]
    assert isinstance(found, DataChoice)
    return found


def pets(app: Services, **more: bytes) -> None:
    made = classes("cat", "<b>*dog*<b>", each=6, under="train/") | classes(
        "cat", "<b>*dog*<b>", each=2, under="test/", first=50
    )
    add_pictures(app.settings.storage, zipped(made | more), "Pets")


def test_the_digits_are_there_at_once_with_pictures_of_each(app: Services) -> None:
    page = opened()
    assert choice(page) == DataChoice(source=Digits())
    said = words(page)
    assert "10 classes" in said and "1,797 pictures" in said and "8×8 pixels, grey" in said
    assert pictures(page) == 10 and "**0** · 178" in said
    assert "Balanced enough: **3** has 1.1 times as many pictures as **8**" in said
    assert len(page.get("vega_lite_chart")) == 1


def test_the_address_holds_everything_chosen(app: Services) -> None:
    pets(app)
    add_pictures(app.settings.storage, zipped(classes("a", "b", "c")), "Others")
    page = opened(data="others", limit="2", side="16", shift="3", classes_others=["c", "a"])  # type: ignore[arg-type]
    expected = DataChoice(source=Stored(key="others"), limit=2, side=16, shift=3, classes=("c", "a"))
    assert choice(page) == expected
    assert "4 pictures" in words(page) and "brought to 16×16" in words(page)
    assert "moved by up to 3 pixels" in words(page) and pictures(page) == 3


def test_another_data_set_is_chosen_by_hand(app: Services) -> None:
    pets(app)
    page = opened()
    checked(page.selectbox(key="data").set_value("pets").run())
    assert page.query_params["data"] == "pets"
    assert choice(page).source == Stored(key="pets")
    said = words(page)
    assert "12 pictures to learn from and to validate, 4 for the test" in said
    assert r"**\<b\>\*dog\*\<b\>** · 6" in said, "shown as it is, not as Markdown or HTML"
    assert "Balanced: 6 of each class" in said


def test_no_name_reaches_the_browser_as_a_link_to_a_picture(app: Services) -> None:
    names = [f"{number}{PICTURE_LINK.replace('/', '∕')}" for number in range(2)]
    made = classes(*names, each=2) | {f"{names[0]}/torn.png": b"", f"{names[1]}/copy.png": png(0)}
    add_pictures(app.settings.storage, zipped(made), PICTURE_LINK)
    (data_set,) = list_data_sets(app.settings.storage)
    for page in (opened(data=data_set.key), opened(dialog)):
        messages = [node.proto for node in page._tree if isinstance(getattr(node, "proto", None), Message)]
        sent = [found for message in messages for found in strings(message)]
        assert any("a.example" in text.replace("\\", "") for _, text in sent)
        assert not [(field, text) for field, text in sent if "![" in text and field not in SHOWN_AS_IT_IS]


def test_one_class_alone_is_not_taken(app: Services) -> None:
    page = opened(classes_digits="7")
    assert choice(page).classes is None and "nothing to tell apart" in words(page)


def test_problems_and_imbalance_are_named(app: Services) -> None:
    made = classes("cat", each=8) | classes("dog", each=3, first=20) | {"cat/torn.png": b"", "dog/copy.png": png(0)}
    add_pictures(app.settings.storage, zipped(made), "Pets")
    said = words(opened(data="pets"))
    assert r"1 file is left out\. cat/torn\.png".replace("/", r"\/") in said
    assert "At least one label is wrong" in said
    assert "**Not balanced:** **cat** has 2.0 times as many pictures as **dog**" in said


def test_many_classes_come_page_by_page(app: Services) -> None:
    add_pictures(app.settings.storage, zipped(classes(*(f"species {n}" for n in range(45)), each=3)), "Many")
    page = opened(data="many", wall="3")
    assert pictures(page) == 5 and "**species 44**" in words(page)
    assert "The 15 largest and the 15 smallest of 45 classes" in words(page)


def test_a_damaged_data_set_is_told(app: Services) -> None:
    pets(app)
    (app.settings.storage / "datasets" / "pets" / "train-images.npy").write_bytes(b"torn")
    assert "The data set Pets is damaged" in words(opened(data="pets"))


def test_faces_need_two_people(app: Services) -> None:
    page = opened(data="faces")
    assert choice(page).source == EnrolledFaces() and "needs two people" in words(page)


def test_enrolled_faces_are_pictures_like_others(app: Services) -> None:
    random = np.random.default_rng(0)
    for name in ("Ada *", "Ben"):
        crops = [random.integers(0, 256, (CROP_SIZE, CROP_SIZE, 3), np.uint8) for _ in range(3)]
        app.gallery.enroll(name, [photo(0, crop=crop, picture=crop, templates={}) for crop in crops], consented=True)
    page = opened(data="faces")
    said = words(page)
    assert "2 classes" in said and "6 pictures" in said and "150×150 pixels, in colour" in said
    assert r"**Ada \*** · 3" in said and pictures(page) == 2


# --- adding


def finished(app: Services) -> None:
    task = app.tasks.get(TASK)
    assert task is not None
    task.wait(30)


def test_a_folder_is_imported_and_chosen(app: Services, tmp_path: Path) -> None:
    place = folder(tmp_path / "Cats v1.5", classes("cat", "dog"))
    page = opened(dialog)
    checked(page.text_input(key="data_path").set_value(f" {place} ").run())
    checked(page.button(key="import_folder").click().run())
    finished(app)
    page = opened()
    assert choice(checked(page.run())).source == Stored(key="cats-v1-5")
    assert [one.title for one in list_data_sets(app.settings.storage)] == ["Cats v1.5"]
    assert app.tasks.get(TASK) is None


def test_a_zip_is_imported(app: Services) -> None:
    page = opened(dialog)
    content = zipped(classes("cat", "dog")).getvalue()
    checked(page.file_uploader(key="data_zip").set_value(("pets.zip", content, "application/zip")).run())
    checked(page.button(key="import_zip").click().run())
    finished(app)
    assert [one.title for one in list_data_sets(app.settings.storage)] == ["pets"]


def test_what_can_t_be_imported_is_told_until_it_is_read(app: Services, tmp_path: Path) -> None:
    page = opened(dialog)
    checked(page.text_input(key="data_path").set_value(str(tmp_path / "nowhere")).run())
    checked(page.button(key="import_folder").click().run())
    finished(app)
    page = opened()
    assert "no folder or zip that can be read" in words(page)
    checked(page.button(key="data_failed").click().run())
    assert "no folder or zip" not in words(page) and app.tasks.get(TASK) is None


def test_a_download_offline_is_told(app: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = RemoteFile(("http://127.0.0.1:9/x",), "x.gz", "")
    offline = published.Published("mnist", "MNIST", "Digits.", 1, (nowhere,), lambda folder: pytest.fail("nothing arrived"))
    monkeypatch.setitem(published.PUBLISHED, "mnist", offline)
    page = opened(dialog)
    checked(page.button(key="download_mnist").click().run())
    finished(app)
    assert "no connection" in words(opened())


def test_an_import_shows_how_far_it_is_and_can_be_stopped(app: Services) -> None:
    def work(report: Report) -> None:
        while True:
            report(0.5, "7 of 14 pictures")

    task = app.tasks.start(TASK, work)
    page = opened()
    assert len(page.get("progress")) == 1
    assert "just being added" in words(opened(dialog))
    checked(page.button(key="stop_data").click().run())
    task.wait(30)
    assert "Stopped; nothing was added" in words(checked(page.run()))


def test_data_sets_are_renamed_and_deleted(app: Services) -> None:
    pets(app)
    add_pictures(app.settings.storage, zipped(classes("a", "b")), "Others")
    page = opened(dialog)
    checked(page.text_input(key="title_pets").set_value("others").run())
    checked(page.button(key="rename_pets").click().run())
    assert "already a data set called Others" in words(page)
    checked(page.text_input(key="title_pets").set_value("Beasts").run())
    checked(page.button(key="rename_pets").click().run())
    assert [one.title for one in list_data_sets(app.settings.storage)] == ["Beasts", "Others"]
    main = opened(data="pets")
    checked(page.button(key="delete_pets").click().run())
    assert choice(checked(main.run())).source == Digits(), "what was chosen and is gone gives way"
    assert [one.key for one in list_data_sets(app.settings.storage)] == ["others"]
