"""Which network is looked into: one for faces, or an experiment's."""

from dataclasses import dataclass

import streamlit as st

from pages.components.context import services
from pages.components.keyed import choose_key
from pages.components.text import plain
from recognition.networks import NetworkSpec, available_networks
from training.course.experiments.record import Record
from training.course.experiments.store import list_experiments

EXPERIMENT = "experiment:"
"""Begins the keys of experiments; face networks have keys of their own."""


@dataclass(frozen=True, eq=False)
class Offered:
    """The networks that are here, by key, and the key to begin with."""

    networks: dict[str, NetworkSpec | Record]
    start: str

    def title(self, key: str) -> str:
        network = self.networks[key]
        return f"Experiment: {network.name}" if isinstance(network, Record) else network.title


def offered() -> Offered:
    """The networks for faces that can be used, and those of all experiments."""
    settings = services().settings
    faces = {spec.key: spec for spec in available_networks(settings.storage)}
    experiments = {f"{EXPERIMENT}{record.id}": record for record in list_experiments(settings.storage)}
    return Offered(faces | experiments, settings.network if settings.network in faces else next(iter(faces)))


def say_what_is_missing(offered: Offered) -> None:
    """In words, where the network in the address isn't here any more."""
    wanted = st.query_params.get("net", offered.start)
    if wanted not in offered.networks:
        kind = "experiment" if wanted.startswith(EXPERIMENT) else "network"
        st.warning(
            f"The {kind} in this address isn't here: it was deleted, or belongs to another installation. "
            f"{plain(offered.title(offered.start))} is shown instead.",
            icon=":material/link_off:",
        )


def choose(offered: Offered) -> NetworkSpec | Record:
    """The input."""
    titles = {key: offered.title(key) for key in offered.networks}
    return offered.networks[choose_key("Network", titles, offered.start, "net", width=300)]
