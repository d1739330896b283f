"""The Hugging Face hub: fetched from when it answers, else its cache on this machine is used."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# How long the hub may take to answer at all. Its client would retry for minutes [s].
PATIENCE = 5.0


def fetch(repository: str) -> Any:
    """Returns all parts of a data set, by name, each a table of named columns.

    Raises:
        Exception: If it is neither to be fetched nor in the cache; the client has many kinds.
    """
    import datasets
    from huggingface_hub import constants

    datasets.disable_progress_bars()
    if constants.HF_HUB_OFFLINE or _answers(constants.ENDPOINT):
        return datasets.load_dataset(repository)
    with _offline():
        return datasets.load_dataset(repository)


def _answers(address: str) -> bool:
    import ssl
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen  # knows the proxies of this machine

    try:
        urlopen(Request(address, method="HEAD"), timeout=PATIENCE).close()
    except HTTPError:
        return True
    except URLError as error:
        # The client brings certificates of its own, so let it try.
        return isinstance(error.reason, ssl.SSLError)
    except OSError:
        return False
    return True


@contextmanager
def _offline() -> Iterator[None]:
    """Lets the client look into its cache only.

    Its environment variable would come too late: it is read when the client is imported.
    """
    from datasets import config
    from huggingface_hub import constants

    before = config.HF_HUB_OFFLINE, constants.HF_HUB_OFFLINE
    config.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        config.HF_HUB_OFFLINE, constants.HF_HUB_OFFLINE = before
