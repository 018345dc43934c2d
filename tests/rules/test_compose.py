"""The production parts: what docker-compose.yml, Dockerfile and nginx.conf must never lose.

No container engine is needed: the file is held against the compose specification's own schema (as
check-jsonschema ships it) and against the rules of this house.
"""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from campus.config import Config, load
from campus.embedded.roles import LOGINS

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"
STORE = "pgsty/silo:RELEASE.2026-08-06T00-00-00Z"
PINNED = re.compile(r":(v?\d+\.\d+(\.\d+)?(-[\w.-]+)?|RELEASE\.[\dTZ-]+)$")
ONE_SHOTS = {"roles", "migrate", "minio-setup"}
# Names whose values are secret: they may come as NAME_FILE=/run/secrets/… and no other way.
SECRET = re.compile(r"PASSWORD|SECRET|ACCESS_KEY|TOKEN|DSN|DATABASE_URL|REDIS_URL|ROOT_USER")
OF_IMAGES = {"POSTGRES_PASSWORD", "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", "MINIO_BROWSER"}
OF_OURS = {"WEB_CONCURRENCY", "HOME"}
BY_HAND = {"tls.crt", "tls.key"}

Service = dict[str, Any]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file as compose reads it, anchors joined."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Service]:
    """The services by name."""
    found: dict[str, Service] = compose["services"]
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of deploy/ in which make-secrets.sh has run."""
    copy = tmp_path_factory.mktemp("deploy") / "deploy"
    shutil.copytree(ROOT / "deploy", copy, ignore=_real_secrets)
    subprocess.run([copy / "make-secrets.sh"], check=True, capture_output=True)
    return copy / "secrets"


def _real_secrets(folder: str, names: list[str]) -> list[str]:
    return (
        [name for name in names if name != ".gitignore"] if Path(folder).name == "secrets" else []
    )


def test_valid_against_the_compose_specification(compose: dict[str, Any]) -> None:
    schema = json.loads(
        Path(distribution("check-jsonschema").locate_file(SCHEMA)).read_text("utf-8")
    )
    errors = jsonschema.Draft202012Validator(schema).iter_errors(compose)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_the_production_parts_are_all_there(services: dict[str, Service]) -> None:
    assert set(services) == {"nginx", "web", "worker", "db", "valkey", "minio", *ONE_SHOTS}
    assert services["minio"]["image"] == services["minio-setup"]["image"] == STORE
    assert re.match(r"postgres:18\.([6-9]|\d\d)", services["db"]["image"])


def test_every_image_is_pinned(services: dict[str, Service]) -> None:
    images = [service["image"] for service in services.values()]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert [image for image in images if not PINNED.search(image)] == []


def test_nobody_has_powers_to_spare(services: dict[str, Service]) -> None:
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert not {"privileged", "network_mode", "pid", "ipc", "userns_mode", "devices"} & set(
            service
        ), name
        assert not any("docker.sock" in str(mount) for mount in service.get("volumes", [])), name
    for name in ("web", "worker", "roles", "migrate"):
        assert services[name]["user"].split(":")[0] not in {"0", "root"}, name
        assert services[name]["read_only"] is True, name


def test_only_nginx_is_reachable(compose: dict[str, Any], services: dict[str, Service]) -> None:
    assert {name for name, service in services.items() if service.get("ports")} == {"nginx"}
    closed = {
        name for name, network in compose["networks"].items() if (network or {}).get("internal")
    }
    for name, service in services.items():
        assert service["networks"], name
        assert name == "nginx" or set(service["networks"]) <= closed, f"{name} has a way out"
    assert not {"back"} & set(services["nginx"]["networks"]), "nginx must not reach the database"


def test_long_running_parts_are_watched(services: dict[str, Service]) -> None:
    for name, service in services.items():
        assert ("healthcheck" in service) is (name not in ONE_SHOTS), name
        assert service["restart"] == ("on-failure:3" if name in ONE_SHOTS else "unless-stopped"), (
            name
        )
        for other, wanted in service.get("depends_on", {}).items():
            done = "service_completed_successfully" if other in ONE_SHOTS else "service_healthy"
            assert wanted["condition"] == done, f"{name} waits for {other}"


def test_settings_are_ones_somebody_reads(services: dict[str, Service]) -> None:
    ours = {item.metadata["env"] for item in Config.__dataclass_fields__.values()}
    for name, service in services.items():
        for variable in service.get("environment", {}):
            assert variable.removesuffix("_FILE") in ours | OF_IMAGES | OF_OURS, (
                f"{name}: {variable}"
            )


def test_every_secret_comes_by_file(compose: dict[str, Any], services: dict[str, Service]) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if SECRET.search(variable):
                secret = str(value).removeprefix("/run/secrets/")
                assert variable.endswith("_FILE"), f"{name}: {variable} must be given as a file"
                assert secret in service["secrets"], (
                    f"{name}: {variable} reads a secret it is not given"
                )
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert not re.search(r"\$\{\w*(PASSWORD|SECRET|KEY|TOKEN)\w*", text), "secrets come by file"
    for name, secret in compose["secrets"].items():
        assert secret == {"file": f"./deploy/secrets/{name}"}, name
    used = {name for service in services.values() for name in service.get("secrets", [])}
    assert used == set(compose["secrets"])


def test_rights_stay_where_they_are_needed(services: dict[str, Service]) -> None:
    holders = {
        secret: {name for name, service in services.items() if secret in service.get("secrets", [])}
        for secret in (
            "superuser_dsn",
            "migrator_database_url",
            "worker_database_url",
            "minio_root_password",
        )
    }
    assert holders == {
        "superuser_dsn": {"roles"},
        "migrator_database_url": {"migrate"},
        "worker_database_url": {"worker"},
        "minio_root_password": {"minio", "minio-setup"},
    }


def test_secrets_are_made_at_random_and_once(compose: dict[str, Any], made: Path) -> None:
    wanted = set(compose["secrets"]) - BY_HAND
    held = {
        path.name: path.read_text("utf-8") for path in made.iterdir() if path.name != ".gitignore"
    }
    assert wanted <= set(held), f"make-secrets.sh makes no {wanted - set(held)}"
    assert len(set(held.values())) == len(held), "two secrets are alike"
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert {stat.S_IMODE((made / name).stat().st_mode) for name in held} == {0o444}
    subprocess.run([made.parent / "make-secrets.sh"], check=True, capture_output=True)
    assert {name: (made / name).read_text("utf-8") for name in held} == held


def test_git_never_takes_a_secret() -> None:
    asked = ["git", "check-ignore", "-q", "deploy/secrets/secret_key"]
    assert subprocess.run(asked, cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("name", ["web", "worker"])
def test_the_application_would_start_with_them(
    name: str, services: dict[str, Service], made: Path
) -> None:
    environ = {
        variable: re.sub(r"\$\{(\w+):[?-].*\}", r"https://\1.example", str(value)).replace(
            "/run/secrets", str(made)
        )
        for variable, value in services[name]["environment"].items()
    }
    config = load(environ).checked()
    assert config.production
    assert config.secure
    assert config.trusted_proxies == 1
    role = LOGINS[name]
    assert f"//{role}:" in (config.worker_database_url if name == "worker" else config.database_url)
    assert "postgres:" not in config.database_url.split("//")[1], (
        "a superuser passes by the policies"
    )


def test_roles_are_all_made(services: dict[str, Service]) -> None:
    script = (ROOT / "deploy/postgres/roles.sh").read_text("utf-8")
    for role in LOGINS:
        assert f"CAMPUS_{role.upper()}_PASSWORD" in script, role
        assert f"{role}_password" in services["roles"]["secrets"], role
    assert "bootstrap-roles" in script


def test_dockerfile_keeps_root_and_secrets_out() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    last = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!0|root)\S+", last, re.MULTILINE), "the application must not be root"
    assert not re.search(r"^(ARG|ENV).*(PASSWORD|SECRET|TOKEN|_KEY)", text, re.MULTILINE)
    assert not re.search(r"^COPY \. ", text, re.MULTILINE), "copy what is needed, by name"
    assert re.search(r"^FROM python:3\.1[123]\.", text, re.MULTILINE)


@pytest.fixture(scope="module")
def nginx() -> str:
    """nginx.conf without its comments."""
    return re.sub(
        r"^\s*#.*$", "", (ROOT / "deploy/nginx.conf").read_text("utf-8"), flags=re.MULTILINE
    )


def test_nginx_takes_what_the_application_takes(nginx: str) -> None:
    limit = int(re.findall(r"client_max_body_size (\d+)m;", nginx)[0])
    asked = Config().max_upload_bytes
    assert asked <= limit * 1024 * 1024 < asked * 1.5


def test_nginx_keeps_the_figures_inside(nginx: str) -> None:
    pattern = re.search(r"location ~ (\S*metrics\S*) \{\s*return 404;", nginx)
    assert pattern, "/metrics must be refused from outside"
    for path in ("/metrics", "/metrics/", "/s/hejiatu/metrics"):
        assert re.search(pattern[1], path), f"{path} would be answered"


def test_nginx_upgrades_the_schools_sockets_alone(nginx: str) -> None:
    pattern = re.search(r"location ~ (\S*socket\S*) \{", nginx)
    assert pattern
    assert re.search(pattern[1], "/s/hejiatu/socket.io/")
    assert not re.search(pattern[1], "/socket.io/")
    assert nginx.count("proxy_set_header Upgrade") == 1


def test_nginx_bounds_what_one_address_may_ask(nginx: str) -> None:
    """Whatever goes to the application is counted; a password costs more than a page."""
    for block in re.findall(r"location [^{]*\{[^}]*proxy_pass http://campus;[^}]*\}", nginx):
        assert re.search(r"limit_req zone=(pages|doors) burst=\d+ nodelay;", block), block
    zones = dict(
        re.findall(r"limit_req_zone \$binary_remote_addr zone=(\w+):\S+ rate=(\d+)r/s", nginx)
    )
    assert int(zones["doors"]) < int(zones["pages"])
    assert "limit_conn_zone $binary_remote_addr zone=open" in nginx
    assert re.search(r"limit_conn open \d+;", nginx)
    doors = re.search(r"location ~ (\S+) \{\s*limit_req zone=doors", nginx)
    assert doors
    for path in (
        "/login",
        "/s/hejiatu/login/code",
        "/s/hejiatu/join",
        "/s/hejiatu/join/abc",
        "/s/hejiatu/reset",
    ):
        assert re.search(doors[1], path), path
    assert not re.search(doors[1], "/s/hejiatu/classes/1")


def test_nginx_waits_for_nobody(nginx: str) -> None:
    """Neither for a header nor for a body, which it takes whole before the application hears."""
    waits = dict(re.findall(r"(client_header_timeout|client_body_timeout) (\d+)s;", nginx))
    assert len(waits) == 2
    assert max(map(int, waits.values())) <= 10
    assert "proxy_request_buffering on;" in nginx


def test_nginx_believes_nobody_about_the_address(nginx: str) -> None:
    assert "proxy_add_x_forwarded_for" not in nginx, "set it: an appended one is the client's word"
    blocks = re.findall(r"location [^{]*\{[^}]*proxy_pass http://campus;[^}]*\}", nginx)
    for block in blocks:
        if "proxy_set_header" in block:
            for name in ("Host", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"):
                assert f"proxy_set_header {name} " in block, f"{name} is not inherited into {block}"


def test_nginx_hands_out_photos_and_nothing_else(nginx: str) -> None:
    photos = nginx.partition("server_name ~^files")[2]
    assert "limit_except GET" in photos
    pattern = re.search(r'location ~ "(\S+)"', photos)
    assert pattern
    assert re.search(pattern[1], f"/campus/s/7/{'0' * 32}")
    for path in ("/campus/", "/campus/?list-type=2", "/minio/admin/v3/info", "/campus/s/7/../8/x"):
        assert not re.search(pattern[1], path)
