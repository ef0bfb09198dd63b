"""A provider over real HTTP: typed answers whatever way the model has, and clear failures within the limits."""

import json

import pytest

from kg.errors import InputError, ModelError
from kg.model.base import Value
from recommender.llm import providers
from recommender.llm.providers import open_model
from recommender.llm.usage import Limits
from tests.recommender.llm.openai_server import DropsOut, Hangs, forms, serving

pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")


class City(Value):
    name: str
    people: int


BONN = City(name="Bonn", people=330_000)
KEY = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def opened(server, **options):
    limits = Limits(**options.pop("limits", {}))
    return open_model("openai:any", base_url=server.url, limits=limits, **options)


def asked(model):
    return model.structured("Name the city.", "The town on the Rhine.", City)


@pytest.mark.parametrize("has", ["json_schema", "function_calling", "text"])
def test_whatever_way_a_model_has_its_answer_is_typed(has):
    with serving(lambda body: BONN.model_dump_json() if has in forms(body) else 400) as server:
        model = opened(server)
        assert asked(model) == BONN
        n = len(server.asked)
        assert asked(model) == BONN
        assert len(server.asked) == n + 1  # what it does not have is not tried again


def test_instructions_and_content_reach_the_model_apart():
    with serving(lambda _: BONN.model_dump_json()) as server:
        asked(opened(server))
    roles = {message["role"]: message["content"] for message in server.asked[0]["messages"]}
    assert roles == {"system": "Name the city.", "user": "The town on the Rhine."}


@pytest.mark.parametrize(
    "text",
    [
        'Sure!\n```json\n{"name": "Bonn", "people": 330000}\n```',
        'It is {"x": {} } or {"name": "Bonn", "people": 330000}.',
    ],
)
def test_json_within_prose_is_found(text):
    with serving(lambda _: text) as server:
        assert asked(opened(server)) == BONN


@pytest.mark.parametrize("text", ["", "Bonn", '{"name": "Bonn"', '{"name": "Bonn", "people": "many"}', "[" * 100_000])
def test_an_answer_in_no_form_is_a_named_error(text):
    with serving(lambda _: text) as server, pytest.raises(ModelError, match="The answer is no City"):
        asked(opened(server))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_tried_again(status):
    answers = [status, status, BONN.model_dump_json()]
    with serving(lambda _: answers.pop(0)) as server:
        model = opened(server)
        assert asked(model) == BONN
    assert (model.usage.calls, model.usage.failed) == (3, 2)
    assert (model.usage.prompt_tokens, model.usage.answer_tokens) == (10, 5)


@pytest.mark.parametrize("answer", [500, DropsOut()])
def test_a_broken_provider_is_given_up_and_then_left_alone(answer):
    with serving(lambda _: answer) as server:
        model = opened(server)
        for _ in range(3):
            with pytest.raises(ModelError):
                asked(model)
    assert len(server.asked) <= providers.RETRIES + 1


def test_a_dead_provider_is_a_named_error():
    with serving(lambda _: "") as server:
        pass
    with pytest.raises(ModelError, match=r"(?i)connection"):
        asked(opened(server))


def test_a_wrong_key_is_not_tried_again_and_never_shown(caplog):
    with serving(lambda _: 401) as server, pytest.raises(ModelError) as caught:
        asked(opened(server))
    assert len(server.asked) == 1
    assert f"Bearer {KEY}" in server.headers[0].values()
    assert KEY not in str(caught.value) + caplog.text + repr(caught.value.__cause__)


def test_a_model_that_never_ends_is_cut_off():
    with serving(lambda _: Hangs()) as server, pytest.raises(ModelError):
        asked(opened(server, limits={"call_seconds": 0.3, "seconds": 1.5}))


@pytest.mark.parametrize(("limits", "says"), [({"calls": 1}, "1 calls"), ({"tokens": 15}, "15 tokens")])
def test_no_call_is_made_beyond_a_limit(limits, says):
    with serving(lambda _: BONN.model_dump_json()) as server:
        model = opened(server, limits=limits)
        asked(model)
        with pytest.raises(ModelError, match=f"limit of {says} is reached"):
            asked(model)
    assert len(server.asked) == 1


def test_the_same_question_is_not_paid_for_twice(tmp_path):
    with serving(lambda _: BONN.model_dump_json()) as server:
        assert asked(opened(server, cache=tmp_path)) == BONN
        again = opened(server, cache=tmp_path)
        assert asked(again) == BONN
        assert again.structured("Name another.", "The town on the Rhine.", City) == BONN
    assert len(server.asked) == 2
    assert (again.usage.calls, again.usage.cached) == (1, 1)
    assert all(json.loads(path.read_text())["name"] == "Bonn" for path in tmp_path.iterdir())


@pytest.mark.parametrize("damaged", ["", '{"name": "Bonn"', "\udcff"])
def test_a_damaged_answer_is_asked_for_again_and_kept_anew(tmp_path, damaged):
    with serving(lambda _: BONN.model_dump_json()) as server:
        asked(opened(server, cache=tmp_path))
        (kept,) = tmp_path.iterdir()
        kept.write_text(damaged, errors="surrogateescape")
        assert asked(opened(server, cache=tmp_path)) == BONN
        assert asked(opened(server, cache=tmp_path)) == BONN
    assert len(server.asked) == 2


def test_a_cache_that_cannot_be_read_or_written_costs_no_answer(tmp_path):
    (tmp_path / "file").write_text("")
    with serving(lambda _: BONN.model_dump_json()) as server:
        assert asked(opened(server, cache=tmp_path / "file")) == BONN


@pytest.mark.parametrize("name", ["gpt", "openai:", "nobody:x", ""])
def test_a_name_of_no_model_says_what_is_allowed(name):
    with pytest.raises(InputError, match="Allowed: openai:MODEL"):
        open_model(name)


def test_a_missing_key_is_said_and_models_can_be_forbidden(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(InputError, match="the key of 'openai' in the environment"):
        open_model("openai:gpt")
    monkeypatch.setenv("TUNEGRAPH_NO_LLM", "1")
    with pytest.raises(InputError, match="forbidden"):
        open_model("openai:gpt")
