"""The component in a real browser, against a real server with a fake session."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, WebSocketRoute, expect

from tests.browsing import CameraPage, LaunchBrowser, StreamlitServer, opened
from tests.pages.components.camera.conftest import APP
from tests.waiting import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def live(browser: Browser, scratch_server: StreamlitServer) -> Iterator[CameraPage]:
    with opened(browser, scratch_server.url) as page:
        yield CameraPage(page)


@pytest.fixture
def enroll(browser: Browser, scratch_server: StreamlitServer) -> Iterator[CameraPage]:
    with opened(browser, f"{scratch_server.url}/enroll") as page:
        yield CameraPage(page)


class TestLive:
    def test_it_waits_for_a_click_and_says_where_pictures_go(self, live: CameraPage):
        live.expect("state", "off")
        expect(live.page.get_by_text("None is stored unless you name somebody in them.")).to_be_visible()
        assert live.video.evaluate("video => video.srcObject") is None

    def test_answers_come_and_name_who_is_in_view(self, live: CameraPage, scratch_server: StreamlitServer):
        live.start().expect("names", "Ann,?,?")
        live.expect_growth("seq", by=20)
        wait_until(lambda: live.number("fps") > 0)
        assert scratch_server.sockets == 1
        expect(live.page.get_by_text("running=True")).to_be_visible()

    def test_who_is_in_view_is_listed_and_a_click_on_a_chip_a_row_or_the_picture_tells_the_page(self, live: CameraPage):
        live.start().expect("names", "Ann,?,?")
        live.page.get_by_role("list", name="In view now").get_by_role("button", name="Ann").click()
        expect(live.page.get_by_text("chosen=Ann")).to_be_visible()
        row = live.page.get_by_role("list", name="Visits").get_by_role("button", name="who is this?")
        row.focus()
        row.press("Enter")
        expect(live.page.get_by_text("chosen=Unknown")).to_be_visible()
        # Where the stranger's face is, mirrored.
        canvas = live.page.locator("section.camera canvas")
        size = canvas.bounding_box()
        assert size is not None
        live.page.get_by_role("list", name="In view now").get_by_role("button", name="Ann").click()
        expect(live.page.get_by_text("chosen=Ann")).to_be_visible()
        canvas.click(position={"x": 0.18 * size["width"], "y": 0.3 * size["height"]})
        expect(live.page.get_by_text("chosen=Unknown")).to_be_visible()
        live.expect("connects", "1").expect("state", "live")

    def test_full_screen_shows_the_picture_with_its_list(self, live: CameraPage):
        live.start()
        button = live.page.get_by_role("button", name="Full screen")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(live.page.get_by_role("list", name="Visits")).to_be_visible()
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")

    def test_something_is_drawn_above_the_video(self, live: CameraPage):
        live.start().expect("names", "Ann,?,?")
        painted = """canvas => {
            const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            return pixels.some((value) => value > 0);
        }"""
        wait_until(lambda: bool(live.page.locator("section.camera canvas").evaluate(painted)))

    def test_a_rerun_of_the_page_does_not_touch_the_camera(self, live: CameraPage):
        live.start()
        stream = live.video.evaluate("video => video.srcObject.id")
        for _ in range(3):
            played = live.played
            runs = live.page.get_by_text("runs=").inner_text()
            live.page.get_by_role("button", name="Rerun").click()
            wait_until(lambda runs=runs: live.page.get_by_text("runs=").inner_text() != runs)
            wait_until(lambda played=played: live.played > played)
        assert live.video.evaluate("video => video.srcObject.id") == stream
        live.expect("connects", "1").expect("state", "live")

    def test_stop_lets_go_of_camera_and_server(self, live: CameraPage, scratch_server: StreamlitServer):
        live.start()
        track = live.video.evaluate_handle("video => video.srcObject.getTracks()[0]")
        live.page.get_by_role("button", name="Stop").click()
        live.expect("state", "off")
        assert track.evaluate("track => track.readyState") == "ended"
        wait_until(lambda: scratch_server.sockets == 0)
        expect(live.page.get_by_text("running=False")).to_be_visible()
        live.start().expect_growth("seq")

    def test_leaving_the_page_lets_go_of_camera_and_server(self, live: CameraPage, scratch_server: StreamlitServer):
        live.start()
        track = live.video.evaluate_handle("video => video.srcObject.getTracks()[0]")
        live.page.get_by_role("link", name="away").click()
        expect(live.page.get_by_text("No camera here")).to_be_visible()
        wait_until(lambda: track.evaluate("track => track.readyState") == "ended")
        wait_until(lambda: scratch_server.sockets == 0)


class TestReconnecting:
    def test_a_closed_session_is_replaced_by_itself(self, live: CameraPage):
        live.start()
        live.page.get_by_role("button", name="End session").click()
        live.expect("connects", "2").expect("state", "live").expect_growth("seq")

    def test_a_restarted_server_is_found_again(self, browser: Browser, tmp_path: Path):
        server = StreamlitServer(APP, tmp_path / "log.txt")
        server.start()
        try:
            with opened(browser, server.url) as page:
                camera = CameraPage(page).start()
                server.stop()
                camera.expect("state", "reconnecting")
                expect(page.get_by_text("Reconnecting to the server…")).to_be_visible()
                played = camera.played
                wait_until(lambda: camera.played > played)
                server.start()
                camera.expect("connects", "2").expect("state", "live").expect_growth("seq")
        finally:
            server.stop()

    def test_attempts_are_spaced_out(self, live: CameraPage):
        live.page.route_web_socket(re.compile("/api/live"), lambda route: route.close(code=1011, reason="Not now."))
        # By the page's own clock: news of an attempt may reach the test late, several at a time.
        live.page.evaluate("""() => {
            window.attempts = [];
            window.WebSocket = class extends WebSocket {
                constructor(url) {
                    super(url);
                    if (String(url).includes("/api/live")) window.attempts.push(performance.now());
                }
            };
        }""")
        live.page.get_by_role("button", name="Start camera").click()
        # Half a second, one, two, give or take a fifth; a new token of the page, which comes early, may cut one short.
        live.page.wait_for_function("() => window.attempts.at(-1) - window.attempts.at(-2) > 1500")
        assert live.page.evaluate("() => window.attempts.length") <= 6

    def test_a_hidden_page_pauses(self, live: CameraPage):
        live.start()
        hide = """hidden => {
            Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));
        }"""
        live.page.evaluate(hide, True)
        live.expect("state", "paused")
        live.page.evaluate(hide, False)
        live.expect("state", "live").expect_growth("seq")


class TestTrouble:
    @pytest.mark.parametrize(
        ("code", "trouble", "title"),
        [
            (4409, "replaced", "goes on in another window"),
            (4429, "full", "Too many cameras"),
            (4403, "refused", "turned this camera away"),
        ],
    )
    def test_a_final_refusal_says_why_and_can_be_retried(self, live: CameraPage, code: int, trouble: str, title: str):
        refusals = [code]

        def answer(route: WebSocketRoute) -> None:
            if refusals:
                route.close(code=refusals.pop(), reason="Because.")
            else:
                route.connect_to_server()

        live.page.route_web_socket(re.compile("/api/live"), answer)
        live.page.get_by_role("button", name="Start camera").click()
        live.expect("trouble", trouble)
        expect(live.page.get_by_role("alert").get_by_text(title)).to_be_visible()
        live.page.get_by_role("button", name="Try again").click()
        live.expect("state", "live").expect_growth("seq")

    def test_a_refused_token_is_renewed_by_itself(self, live: CameraPage):
        codes = [4401]

        def answer(route: WebSocketRoute) -> None:
            if codes:
                route.close(code=codes.pop(), reason="The camera's token has expired.")
            else:
                route.connect_to_server()

        live.page.route_web_socket(re.compile("/api/live"), answer)
        live.start().expect_growth("seq")

    def test_a_blocked_camera(self, launch: LaunchBrowser, scratch_server: StreamlitServer):
        with opened(launch("--use-fake-device-for-media-stream"), scratch_server.url) as page:
            page.get_by_role("button", name="Start camera").click()
            CameraPage(page).expect("trouble", "denied")
            expect(page.get_by_role("alert").get_by_text("blocked for this page")).to_be_visible()
            expect(page.get_by_role("button", name="Try again")).to_be_enabled()

    def test_no_camera(self, launch: LaunchBrowser, scratch_server: StreamlitServer):
        without_camera = launch("--use-fake-device-for-media-stream=device-count=0", "--use-fake-ui-for-media-stream")
        with opened(without_camera, scratch_server.url) as page:
            page.get_by_role("button", name="Start camera").click()
            CameraPage(page).expect("trouble", "missing")

    def test_a_page_that_is_not_secure(self, browser: Browser, scratch_server: StreamlitServer):
        with opened(browser, f"http://plain.test:{scratch_server.port}") as page:
            page.get_by_role("button", name="Start camera").click()
            CameraPage(page).expect("trouble", "insecure")

    @pytest.mark.parametrize(("error", "trouble"), [("NotReadableError", "busy"), ("UnknownError", "failed")])
    def test_a_camera_that_fails(self, live: CameraPage, error: str, trouble: str):
        fail = """name => {
            navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
        }"""
        live.page.evaluate(fail, error)
        live.page.get_by_role("button", name="Start camera").click()
        live.expect("trouble", trouble)


class TestEnroll:
    def test_a_round_fills_up_and_the_page_hears_of_it(self, enroll: CameraPage):
        enroll.start().expect("next", re.compile("left|right|up|down"))
        enroll.expect("photos", "10").expect("next", "")
        expect(enroll.page.get_by_text("All photos taken")).to_be_visible()
        expect(enroll.page.get_by_text("photos=10 complete=True")).to_be_visible()

    def test_a_photo_can_be_discarded_and_is_taken_again(self, enroll: CameraPage):
        enroll.start().expect("photos", "10")
        first = enroll.page.get_by_role("button", name="Discard this photo (straight)").first
        discarded = first.evaluate("button => button.closest('li').dataset.photo")
        first.click()
        expect(enroll.page.locator(f'section.camera li[data-photo="{discarded}"]')).to_have_count(0)
        enroll.expect("photos", "10").expect("connects", "1")

    def test_photos_stay_when_the_camera_stops(self, enroll: CameraPage):
        enroll.start().expect("photos", re.compile(r"[1-9]\d*"))
        enroll.page.get_by_role("button", name="Stop").click()
        enroll.expect("state", "off")
        expect(enroll.page.get_by_role("button", name=re.compile("Discard")).first).to_be_disabled()


@pytest.mark.parametrize(("width", "layout"), [(390, "below"), (1700, "beside")])
def test_the_list_stands_where_it_leaves_the_picture_more_room(live: CameraPage, width: int, layout: str):
    live.page.set_viewport_size({"width": width, "height": 700})
    live.start().expect("layout", layout)
    overflow = live.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0


@pytest.mark.parametrize("width", [390, 1000])
def test_nothing_is_wider_than_the_page(enroll: CameraPage, width: int):
    enroll.page.set_viewport_size({"width": width, "height": 844})
    enroll.start().expect("photos", re.compile(r"[1-9]\d*"))
    overflow = enroll.root.evaluate("root => root.scrollWidth - root.clientWidth")
    # The buttons that discard a photo stand out of its corner on purpose.
    assert overflow <= 8
