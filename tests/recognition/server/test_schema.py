import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from recognition.server.errors import RefusedError
from recognition.server.schema import (
    Discard,
    ErrorMessage,
    Hello,
    ServerMessage,
    build_frame,
    parse_frame,
    parse_text,
)


@given(seq=st.integers(0, 2**32 - 1), jpeg=st.binary(max_size=50))
def test_a_frame_survives_the_way(seq: int, jpeg: bytes):
    assert parse_frame(build_frame(seq, jpeg)) == (seq, jpeg)


def test_the_sequence_number_is_little_endian():
    assert build_frame(1, b"x") == b"\x01\x00\x00\x00x"


@given(photo=st.text(min_size=1, max_size=40))
def test_a_discard_survives_the_way(photo: str):
    assert parse_text(json.dumps({"type": "discard", "photo": photo}, ensure_ascii=False)) == Discard(photo=photo)


@given(text=st.text() | st.recursive(st.none() | st.booleans() | st.text(), st.lists).map(json.dumps))
def test_anything_else_is_refused_and_nothing_more(text: str):
    with pytest.raises(RefusedError):
        parse_text(text)


@given(data=st.binary(max_size=20))
def test_any_bytes_are_a_frame_or_refused(data: bytes):
    if len(data) < 4:
        with pytest.raises(RefusedError):
            parse_frame(data)
    else:
        assert build_frame(*parse_frame(data)) == data


def test_server_messages_are_told_apart_by_their_type():
    adapter: TypeAdapter[ServerMessage] = TypeAdapter(ServerMessage)
    for message in (Hello(kind="live"), ErrorMessage(code="x", text="y")):
        assert adapter.validate_json(message.model_dump_json()) == message
    with pytest.raises(ValidationError):
        adapter.validate_json('{"type": "surprise"}')
