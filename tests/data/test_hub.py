"""The hub: asked if it answers; a hub that does not costs seconds, and the cache is used."""

import http.server
import socket
import threading
import time

import pytest
from huggingface_hub import constants

from neuromgd.data import hub
from neuromgd.data.images import ImageSet, load
from neuromgd.data.task import Source
from neuromgd.errors import InputError


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("NEUROMGD_DATA", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


@pytest.fixture
def asked(monkeypatch):
    """Whether the client was offline, once for each set it was asked for."""
    import datasets

    states = []

    def load_dataset(name):
        states.append((constants.is_offline_mode(), datasets.config.HF_HUB_OFFLINE))
        return {}

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return states


@pytest.fixture
def silent(monkeypatch):
    """A hub that takes calls and never says a word."""
    monkeypatch.setattr(hub, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize("status", [200, 401, 503])
def test_a_hub_that_answers_is_asked(monkeypatch, asked, status):
    class Hub(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args):
            del args

    with http.server.HTTPServer(("127.0.0.1", 0), Hub) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        hub.fetch("someone/tiny")
        thread.join()
    assert asked == [(False, False)]


def test_a_hub_that_refuses_calls_leaves_the_cache(monkeypatch, asked):
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{free_port()}")
    hub.fetch("someone/tiny")
    assert asked == [(True, True)]


def test_a_hub_without_address_leaves_the_cache(monkeypatch, asked):
    monkeypatch.setattr(constants, "ENDPOINT", "http://no-such-host.invalid")
    hub.fetch("someone/tiny")
    assert asked == [(True, True)]


def test_a_silent_hub_leaves_the_cache(monkeypatch, asked, silent):
    monkeypatch.setattr(constants, "ENDPOINT", silent)
    hub.fetch("someone/tiny")
    assert asked == [(True, True)]


def test_the_client_is_as_before_afterwards(monkeypatch, asked, silent):
    import datasets

    monkeypatch.setattr(constants, "ENDPOINT", silent)
    hub.fetch("someone/tiny")
    assert not constants.is_offline_mode()
    assert not datasets.config.HF_HUB_OFFLINE


def test_who_is_offline_by_choice_is_not_probed(monkeypatch, asked):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub, "_answers", lambda address: pytest.fail("asked the net"))
    hub.fetch("someone/tiny")
    assert asked == [(True, False)]


def test_the_real_client_gives_up_at_once_without_a_hub(monkeypatch, silent):
    import datasets

    monkeypatch.setattr(constants, "ENDPOINT", silent)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    known = ImageSet("tiny", "someone/no-such-set", "image", "label", (4, 5), (6, 3))
    start = time.perf_counter()
    with pytest.raises(InputError, match="cannot be fetched from the Hugging Face hub") as refused:
        load(known, Source())
    assert time.perf_counter() - start < 30  # one retry of its six takes ten
    for way in ("--data-dir", "NEUROMGD_DATA", "--task digits"):
        assert way in str(refused.value)
