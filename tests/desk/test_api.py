"""The HTTP API over both databases: what it answers, keeps and refuses."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from engine import Router, Verdict, load_pack
from tests.desk.conftest import BARK, BITE, DEMO, UNIT, WEATHER, Server


def test_route_answers_what_the_engine_says(server: Server) -> None:
    """The verdict is that of `Router.route`, field by field."""
    with server.api("route") as api:
        answer = api.post("/api/v1/route", json={"text": BITE})

    assert answer.status_code == 200
    assert Verdict.model_validate_json(answer.content) == Router(load_pack(DEMO)).route(BITE)


def test_order_is_stored_masked_with_its_history(server: Server) -> None:
    """201 means that it can be read back: masked, with verdict, pack hash and a first entry."""
    with server.api("orders") as api:
        made = api.post("/api/v1/orders", json={"text": f"{BITE}，我电话13812345678", "source": "12345", "external_id": "A-1"})
        order = api.get(made.json()["url"]).json()

    assert made.status_code == 201
    assert "13812345678" not in json.dumps(order, ensure_ascii=False)
    assert (order["text"], order["unit"], order["status_name"]) == (f"{BITE}，我电话［电话］", UNIT, "待办")
    assert [entry["action_name"] for entry in order["history"]] == ["收到"]
    assert order["history"][0]["pack_hash"] == order["pack_hash"] == load_pack(DEMO).hash


def test_quoted_phrases_stand_in_the_stored_text(server: Server) -> None:
    """Masking moves offsets; evidence points at its phrase all the same."""
    with server.api("orders") as api:
        made = api.post("/api/v1/orders", json={"text": f"电话13812345678，{BITE}"}).json()
        order = api.get(made["url"]).json()

    evidence = order["said"]["evidence"]
    assert evidence
    assert all(order["text"][one["start"] : one["end"]] == one["phrase"] for one in evidence)


def test_idempotency_key_makes_one_order(server: Server) -> None:
    """The same key and body: the same order, also when asked many times at once; another body is refused."""
    with server.api("orders") as api:

        def post(_: int) -> httpx.Response:
            return api.post("/api/v1/orders", json={"text": BARK}, headers={"idempotency-key": "once"})

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(post, range(16)))
        other = api.post("/api/v1/orders", json={"text": BITE}, headers={"idempotency-key": "once"})

    assert sorted({a.status_code for a in answers}) == [200, 201]
    assert len({a.json()["id"] for a in answers}) == 1
    assert [a.status_code for a in answers].count(201) == 1
    assert other.status_code == 409
    assert "Idempotency-Key" in other.json()["error"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "JSON"),
        (b"[1]", 400, "JSON 对象"),
        (b"\xff\xfe", 400, "JSON"),
        (b"{}", 400, "text"),
        (b'{"text": 3}', 400, "text"),
        (b'{"text": ""}', 400, "为空"),
        (b'{"text": "\\u0000 \\u200b"}', 422, "为空"),
        (b'{"text": "\\ud800"}', 400, "JSON"),
        (b'{"text": "a", "received_at": "yesterday"}', 400, "ISO 8601"),
        (b'{"text": "a", "source": {}}', 400, "source"),
        (b'{"text": "' + "狗".encode() * 20001 + b'"}', 400, "超过上限"),
        (b'{"text": "' + b"x" * 1_100_000 + b'"}', 413, "超过上限"),
    ],
)
def test_bad_order_is_one_sentence_and_stores_nothing(server: Server, body: bytes, status: int, said: str) -> None:
    """Each fault has its status and a Chinese sentence, and the list stays as it was."""
    with server.api("orders") as api:
        before = api.get("/api/v1/orders?size=1").json()["orders"]
        answer = api.post("/api/v1/orders", content=body)
        after = api.get("/api/v1/orders?size=1").json()["orders"]

    assert answer.status_code == status, answer.text
    assert said in answer.json()["error"]
    assert before == after


def test_tokens_are_checked(server: Server) -> None:
    """No token, a foreign one, one without the scope: refused."""
    with server.api("route") as api:
        assert api.post("/api/v1/orders", json={"text": BITE}).status_code == 403
    assert httpx.post(f"{server.base}/api/v1/route", json={"text": BITE}).status_code == 401
    foreign = httpx.post(f"{server.base}/api/v1/route", json={"text": BITE}, headers={"authorization": "Bearer zb_foreign"})
    assert foreign.status_code == 401
    assert "令牌" in foreign.json()["error"]


def test_batch_keeps_bad_texts_apart(server: Server) -> None:
    """One bad text does not spoil the others."""
    with server.api("route") as api:
        found = api.post("/api/v1/route/batch", json={"texts": [BITE, "", 7, WEATHER]}).json()["verdicts"]

    assert [one.get("verdict") for one in found] == ["support", None, None, "unlisted"]
    assert "error" in found[1]
    assert "error" in found[2]


def test_search_finds_any_piece_of_a_text(server: Server) -> None:
    """One character, two, a phrase, a number; what is not there is not found; quotes and SQL are words."""
    with server.api("orders") as api:
        api.post("/api/v1/orders", json={"text": "英巴格村3组的水渠堵了，编号X2093"})

        def found(words: str) -> list[str]:
            answer = api.get("/api/v1/orders", params={"q": words})
            assert answer.status_code == 200, answer.text
            return [one["text"] for one in answer.json()["orders"] if "英巴格" in one["text"]]

        for words in ("渠", "水渠", "英巴格村", "x2093", "x20", "水渠 英巴格"):
            assert len(found(words)) == 1, words
        for words in ("渠水", "英巴格村5组堵", "'; DROP TABLE orders; --x", '" OR 1=1'):
            assert found(words) == [], words


def test_paging_meets_every_order_once(server: Server) -> None:
    """Page after page, newest first, nothing twice, nothing left out; also with a search."""
    with server.api("orders") as api:
        for i in range(25):
            stamp = f"2025-03-{1 + i % 5:02d}T08:00:00+08:00"
            api.post("/api/v1/orders", json={"text": f"翻页用的第{i}件", "source": "翻页", "received_at": stamp})
        for query in ({"source": "翻页"}, {"q": "翻页用"}):
            seen: list[dict[str, object]] = []
            after = ""
            while after is not None:
                page = api.get("/api/v1/orders", params={**query, "size": 7, "after": after}).json()
                seen += page["orders"]
                after = page["after"]
            assert len(seen) == len({one["id"] for one in seen}) == 25
            if "source" in query:
                assert [one["received_at"] for one in seen] == sorted((str(one["received_at"]) for one in seen), reverse=True)


def test_items_and_openapi(server: Server) -> None:
    """The list as data; every operation is described with its failures."""
    with server.api("items") as api:
        item = api.get("/api/v1/items/c1").json()
        missing = api.get("/api/v1/items/B999")
        schema = api.get("/api/openapi.json").json()

    assert (item["id"], item["name"], item["verdict"]) == ("C1", "犬只管理", "support")
    assert missing.status_code == 404
    assert "example" in schema["paths"]["/api/v1/route"]["post"]["requestBody"]["content"]["application/json"]
    assert "/login" not in schema["paths"]


def test_open311_client_can_post_and_follow(server: Server) -> None:
    """List services, post by form, read back as json and xml."""
    token = server.token("orders")
    with httpx.Client(base_url=f"{server.base}/open311/v2") as client:
        codes = [one["service_code"] for one in client.get("/services.json").json()]
        form = {"api_key": token, "service_code": "C1", "description": BITE, "address_string": "幸福巷<1>"}
        posted = client.post("/requests.json", data=form)
        number = posted.json()[0]["service_request_id"]
        followed = client.get(f"/requests/{number}.json", params={"api_key": token}).json()[0]
        as_xml = client.get(f"/requests/{number}.xml", params={"api_key": token})
        refused = client.post("/requests.json", data={**form, "service_code": "X9"})
        nobody = client.post("/requests.json", data={**form, "api_key": "zb_no"})

    assert codes == ["auto", "B1", "C1", "R1", "R2"]
    assert posted.status_code == 201
    assert (followed["status"], followed["service_code"], followed["agency_responsible"]) == ("open", "C1", UNIT)
    assert "幸福巷&lt;1&gt;" in as_xml.text
    assert (refused.status_code, nobody.status_code) == (400, 401)
    assert "X9" in refused.json()[0]["description"]


def test_health_and_figures(server: Server) -> None:
    """Alive, ready, and counted."""
    assert httpx.get(f"{server.base}/healthz").text == "ok"
    assert httpx.get(f"{server.base}/readyz").json()["ready"] is True
    figures = httpx.get(f"{server.base}/metrics").text
    assert 'zhuban_orders_total{source="12345"}' in figures
    assert "zhuban_request_seconds_bucket" in figures


def test_notice_is_checked(server: Server) -> None:
    """A notice as text gets a report; nonsense Base64 is refused."""
    with server.api("check") as api:
        found = api.post(
            "/api/v1/check", json={"text": "各乡镇：\n一、请各乡镇办理养犬登记，为居民登记狗。\n甲县公安局", "name": "通知.txt"}
        )
        broken = api.post("/api/v1/check", json={"file": "***", "name": "a.docx"})

    assert found.status_code == 200, found.text
    assert "findings_summary" in found.json()
    assert broken.status_code == 400
