"""What a composition gets that its FLAT keys do not say: `ctx/`, the template, the specification."""

from __future__ import annotations

from cdr import rm
from cdr.formats import flat
from cdr.validation import validate
from tests.simplified.vital_signs import EVENT, KEYS, NOW, decode, decode_keys, observation, vital_signs


def test_the_smallest_mapping_makes_a_valid_composition() -> None:
    assert validate(decode(), vital_signs()[1]).is_valid


def test_time_is_now_where_nothing_says_it() -> None:
    keys = {key: value for key, value in KEYS.items() if key != "ctx/time"}
    composition = decode_keys(keys)
    assert composition.context is not None
    assert composition.context.start_time.value == "2024-03-15T09:30:00.000+00:00"


def test_context_time_is_the_time_of_the_context_of_events_and_of_histories() -> None:
    composition = decode()
    history = observation(composition).data
    assert composition.context is not None
    assert history.events is not None
    moments = {composition.context.start_time.value, history.origin.value, history.events[0].time.value}
    assert moments == {KEYS["ctx/time"]}


def test_origin_is_the_earliest_time_of_the_events() -> None:
    second = EVENT.removesuffix("0") + "1"
    composition = decode(**{
        f"{EVENT}/time": "2024-03-15T11:00:00+01:00",
        f"{second}/time": "2024-03-15T09:59:00Z",
        f"{second}/systolisk|magnitude": 118,
    })  # fmt: skip
    assert observation(composition).data.origin.value == "2024-03-15T09:59:00Z"


def test_history_origin_of_the_context_wins_over_the_times_of_events() -> None:
    composition = decode(**{"ctx/history_origin": "2024-03-01T08:00:00+01:00"})
    assert observation(composition).data.origin.value == "2024-03-01T08:00:00+01:00"


def test_setting_is_other_care_where_nothing_says_it() -> None:
    context = decode().context
    assert context is not None
    assert context.setting.defining_code.code_string == "238"


def test_setting_may_be_given_by_its_label_in_any_language() -> None:
    context = decode(**{"ctx/setting": "home"}).context
    assert context is not None
    assert context.setting.defining_code.code_string == "225"


def test_category_comes_from_the_template() -> None:
    assert decode().category.defining_code.code_string == "433"


def test_entries_have_the_language_of_the_composition_and_speak_of_the_subject() -> None:
    entry = observation(decode())
    assert entry.language.code_string == "nb"
    assert entry.encoding.code_string == "UTF-8"
    assert isinstance(entry.subject, rm.PartySelf)


def test_names_and_ids_come_from_the_template() -> None:
    composition = decode()
    assert composition.name.value == "Vitale målinger"
    assert composition.archetype_details is not None
    assert composition.archetype_details.template_id is not None
    assert composition.archetype_details.template_id.value == vital_signs()[1].template_id
    assert observation(composition).name.value == "Blodtrykk"


def test_composer_of_the_context_gets_a_reference_with_the_default_scheme_and_namespace() -> None:
    composer = decode(**{"ctx/composer_id": "123", "ctx/id_scheme": "HPR", "ctx/id_namespace": "NO"}).composer
    assert isinstance(composer, rm.PartyIdentified)
    reference = composer.external_ref
    assert reference is not None
    assert isinstance(reference.id, rm.GenericId)
    assert (reference.id.value, reference.id.scheme, reference.namespace) == ("123", "HPR", "NO")


def test_composer_self_makes_the_subject_the_composer() -> None:
    keys = {key: value for key, value in KEYS.items() if key != "ctx/composer_name"}
    assert isinstance(decode_keys(keys | {"ctx/composer_self": True}).composer, rm.PartySelf)


def test_participations_of_the_context_stand_in_the_context_and_in_every_entry() -> None:
    composition = decode(**{
        "ctx/participation_name:0": "Ola Nordmann",
        "ctx/participation_function:0": "requester",
        "ctx/participation_mode:0": "face-to-face communication",
        "ctx/participation_identifiers:0": "utsteder::tildeler::1::PERSON;utsteder::tildeler::2::PERSON",
        "ctx/participation_name:1": "Lise Hansen",
        "ctx/participation_function:1": "performer",
        "ctx/participation_identifiers:1|id:0": "3",
    })  # fmt: skip
    context = composition.context
    assert context is not None
    found = context.participations
    assert found is not None
    assert found == observation(composition).other_participations
    modes = [entry.mode.defining_code.code_string for entry in found if entry.mode is not None]
    assert modes == ["216", "193"]
    performers = [entry.performer for entry in found]
    assert all(isinstance(performer, rm.PartyIdentified) for performer in performers)
    ids = [[entry.id for entry in performer.identifiers or ()] for performer in performers if isinstance(performer, rm.PartyIdentified)]  # fmt: skip
    assert ids == [["1", "2"], ["3"]]


def test_explicit_participations_win_over_those_of_the_context() -> None:
    entry = "vitale_målinger/blodtrykk:0"
    composition = decode(**{
        "ctx/participation_name:0": "Ola Nordmann",
        "ctx/participation_function:0": "requester",
        f"{entry}/_other_participation:0|name": "Lise Hansen",
        f"{entry}/_other_participation:0|function": "performer",
    })  # fmt: skip
    found = observation(composition).other_participations
    assert found is not None
    assert [entry.function.value for entry in found] == ["performer"]


def test_links_location_facility_workflow_and_provider_of_the_context_reach_their_places() -> None:
    composition = decode(**{
        "ctx/link:0|type": "problem",
        "ctx/link:0|meaning": "notat om problem",
        "ctx/link:0|target": "ehr://local/347a5490-55ee-4da9-b91a-9bba710f730e",
        "ctx/location": "Rom 4",
        "ctx/end_time": "2024-03-15T11:00:00+01:00",
        "ctx/health_care_facility|name": "Nordbyen sykehjem",
        "ctx/health_care_facility|id": "100200",
        "ctx/work_flow_id|id": "567",
        "ctx/work_flow_id|type": "WORKFLOW",
        "ctx/provider_name": "Lise Hansen",
    })  # fmt: skip
    context, entry = composition.context, observation(composition)
    assert context is not None
    assert context.location == "Rom 4"
    assert context.end_time is not None
    assert context.health_care_facility is not None
    assert context.health_care_facility.name == "Nordbyen sykehjem"
    assert composition.links is not None
    assert entry.links == composition.links
    assert entry.workflow_id is not None
    assert isinstance(entry.provider, rm.PartyIdentified)


def test_context_keys_never_come_back_in_what_is_written() -> None:
    written = flat.encode(decode(), *vital_signs())
    assert not [key for key in written if key.startswith("ctx/")]
    assert flat.decode(written, *vital_signs(), now=NOW) == decode()
