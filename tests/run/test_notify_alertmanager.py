"""Alerts in a real Alertmanager, which the tests start: seen, grouped, silenced, over."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from finops_lib.anomaly.alerts import Round
from finops_lib.anomaly.lifecycle import Alert, over
from finops_lib.errors import NotifyError
from finops_lib.run.notify import Order, deliver, orders
from finops_lib.run.notify_alertmanager import NAME, Alertmanager, posted
from finops_lib.run.notify_http import Service
from finops_lib.run.notify_targets import Target
from tests.anomaly.odd import day
from tests.run.listening import alert_of, web_service

CONFIG = """
route:
  receiver: nobody
  group_by: [team]
receivers:
  - name: nobody
"""
NOW = datetime.now(UTC)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start an Alertmanager that knows nobody else, and stop it in the end."""
    folder = tmp_path_factory.mktemp("alertmanager")
    (folder / "am.yml").write_text(CONFIG)
    port = free_port()
    options = {"config.file": folder / "am.yml", "storage.path": folder / "data"}
    options |= {"web.listen-address": f"127.0.0.1:{port}", "cluster.listen-address": "", "log.level": "error"}
    words = ["prometheus-alertmanager", *(f"--{name}={value}" for name, value in options.items())]
    with (folder / "log").open("wb") as log, subprocess.Popen(words, stdout=log, stderr=log) as process:
        found = Service("alerts", f"http://127.0.0.1:{port}")
        try:
            wait_for(found, folder / "log")
            yield found
        finally:
            process.terminate()
            process.wait(10)


def wait_for(service: Service, log: Path) -> None:
    """Wait until it is ready, at most twenty seconds."""
    for _ in range(200):
        try:
            service.request("GET", "/-/ready")
        except NotifyError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


def test_it_says_which_version_it_is(service: Service) -> None:
    """And that its address is one of an Alertmanager."""
    assert Alertmanager(service).status()["versionInfo"]["version"]


def test_an_alert_is_seen_grouped_silenced_and_heard_again(service: Service) -> None:
    """Two alerts of one team are one group; a silence of one quiets that one alone, until it is ended."""
    there = Alertmanager(service)
    first, second, other = alert_of("shop"), alert_of("shop", mid=90), alert_of("pay")
    second = type(second)(**{**vars(second), "key": "f" * 16})
    assert there.post([first, second, other], now=NOW, link="http://127.0.0.1/report") == 3
    seen = {one["labels"]["alert_key"]: one for one in there.alerts(team="shop")}
    assert set(seen) == {first.key, second.key}
    mine = seen[first.key]
    assert (mine["labels"]["alertname"], mine["generatorURL"]) == (NAME, "http://127.0.0.1/report")
    assert mine["annotations"]["summary"] == "tag:team=shop moved to another level, +€60.00"
    groups = {one["labels"]["team"]: len(one["alerts"]) for one in there.groups()}
    assert (groups["shop"], groups["pay"]) == (2, 1)

    end = NOW + timedelta(hours=1)
    made = there.silence({"alert_key": first.key}, start=NOW, end=end, by="person-x", why="known")
    (silence,) = [one for one in there.silences() if one["id"] == made]
    assert (silence["createdBy"], silence["comment"], silence["status"]["state"]) == (
        "person-x",
        "known",
        "active",
    )
    states = {one["labels"]["alert_key"]: one["status"] for one in there.alerts(team="shop")}
    assert (states[first.key]["state"], states[first.key]["silencedBy"]) == ("suppressed", [made])
    assert states[second.key]["state"] != "suppressed"

    there.expire(made)
    assert [one["status"]["state"] for one in there.silences() if one["id"] == made] == ["expired"]
    states = {one["labels"]["alert_key"]: one["status"]["state"] for one in there.alerts(team="shop")}
    assert states[first.key] != "suppressed"


def test_an_alert_told_again_is_the_same_and_one_that_is_over_goes(service: Service) -> None:
    """Its money may change, its labels do not; at its end it is not active any more."""
    there, alert = Alertmanager(service), alert_of("again")
    there.post([alert], now=NOW)
    grown = type(alert)(**{**vars(alert), "incident": alert_of("again", mid=99).incident})
    there.post([grown], now=NOW)
    (found,) = there.alerts(team="again")
    assert "+€99.00" in found["annotations"]["summary"]
    there.post([over(grown, now=NOW)], now=NOW - timedelta(seconds=1))
    assert there.alerts(team="again") == []


def test_a_round_reaches_it_through_a_target(service: Service) -> None:
    """All that go on are told each round, and hostile names are only letters."""
    name = 'we"b\\ {x}=~".*"'
    alert = alert_of(name)
    found = orders_of(alert)
    (receipt,) = deliver(
        found, targets=[Target("am", "alertmanager", service.url)], sent={"x"}, now=NOW, sleep=lambda _: None
    )
    assert (receipt.state, receipt.tries, receipt.event) == ("sent", 1, "trigger")
    (seen,) = Alertmanager(service).alerts(team=name)
    assert seen["labels"]["team"] == name


def orders_of(alert: Alert) -> tuple[Order, ...]:
    """Make the orders of a round that keeps this alert."""
    return orders(Round((alert,), (alert,), (), (), (), (), (), 1, 1), now=alert.seen)


def test_what_is_refused_is_said(service: Service) -> None:
    """A silence that ended before it began is an error with a status, and so is an unknown one."""
    there = Alertmanager(service)
    with pytest.raises(NotifyError, match="target alerts: status 400"):
        there.silence(
            {"team": "x"}, start=NOW - timedelta(days=2), end=NOW - timedelta(days=1), by="a", why="b"
        )
    with pytest.raises(NotifyError, match="target alerts: status"):
        there.expire("../alerts")


def test_an_address_of_something_else_is_said() -> None:
    """A web service that answers, and is no Alertmanager."""
    with web_service() as web:
        there = Alertmanager(Service("alerts", web.url))
        with pytest.raises(NotifyError, match="an Alertmanager answers by its API v2"):
            there.alerts()
        web.bodies["/api/v2/status"] = (200, "[]")
        with pytest.raises(NotifyError, match="an Alertmanager answers by its API v2"):
            there.status()
        assert there.post([], now=NOW) == 0


def test_an_alert_has_the_times_of_the_api() -> None:
    """Milliseconds and Z; it ends in four days, or now where it is over, and never before it started."""
    found = posted(alert_of(), now=day(6))
    assert (found["startsAt"], found["endsAt"]) == ("2026-07-05T00:00:00.000Z", "2026-07-10T00:00:00.000Z")
    assert "generatorURL" not in found
    ended = posted(over(alert_of(), now=day(4)), now=day(4))
    assert (ended["startsAt"], ended["endsAt"]) == ("2026-07-04T00:00:00.000Z", "2026-07-04T00:00:00.000Z")
