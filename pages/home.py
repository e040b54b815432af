"""Home: what the app does in four steps, and how far this gallery has come."""

import streamlit as st

from pages.components.better_network import offer
from pages.components.context import services
from pages.components.text import count, plain
from recognition.networks import available_networks, network_spec

gallery = services().gallery
counts = gallery.counts()
storage = services().settings.storage
network = network_spec(services().settings.network, storage)
tuned = [spec for spec in available_networks(storage) if spec.parent is not None]

st.title("Teach your computer some faces")
st.markdown(
    "Familiar learns faces from your webcam, names them in the live picture and shows how the network does it. "
    "Everything happens on this computer."
)

# Two rows of two: four beside each other are too narrow next to the menu of a small screen.
enroll, live = st.columns(2, gap="medium")
train, look = st.columns(2, gap="medium")
with enroll.container(border=True, height="stretch"):
    st.subheader(":material/person_add: 1. Enroll")
    st.markdown("Look into the camera for half a minute. The good photos take themselves.")
    if counts.people:
        st.badge(
            f"{count(counts.people, 'person', 'people')}, {count(counts.photos, 'photo')}",
            icon=":material/check:",
        )
    else:
        st.badge("Nobody enrolled yet: start here", icon=":material/arrow_forward:", color="orange")
    st.page_link("enroll.py", label="Enroll a face", icon=":material/arrow_forward:")
with live.container(border=True, height="stretch"):
    st.subheader(":material/videocam: 2. Be recognised")
    st.markdown("Start the camera: names for those you enrolled, “Unknown” for everybody else.")
    if counts.people:
        st.badge("Ready", icon=":material/check:")
    else:
        st.badge("Waits for the first face", icon=":material/hourglass_empty:", color="gray")
    st.page_link("live.py", label="Open the live picture", icon=":material/arrow_forward:")
with train.container(border=True, height="stretch"):
    st.subheader(":material/model_training: 3. Train")
    st.markdown("Fine-tune the network on your people, and see in numbers and pictures what it gained.")
    if tuned:
        st.badge(count(len(tuned), "tuned network"), icon=":material/check:")
    elif counts.people >= 2:
        st.badge("Ready", icon=":material/check:")
    else:
        st.badge("Waits for two people", icon=":material/hourglass_empty:", color="gray")
    st.page_link("train.py", label="Train a network", icon=":material/arrow_forward:")
with look.container(border=True, height="stretch"):
    st.subheader(":material/layers: 4. Look inside")
    st.markdown("See what each layer of the network makes of your face, live, and why it gives a name.")
    st.badge(plain(network.title), icon=":material/neurology:")
    st.page_link("feature_maps.py", label="See the feature maps", icon=":material/arrow_forward:")

offer()
st.caption(
    ":material/lock: Photos and templates stay in the storage folder on this computer. Deleting a person deletes them "
    "for good. A photo of somebody can fool any camera like this one: don't guard doors with it."
)
