"""How SeaweedFS is called: its ports, flags, keys and identities. objects.py runs it."""

from __future__ import annotations

import shutil
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from campus.config import Config
from campus.embedded import certificate, files, processes
from campus.embedded.files import PartError

BUCKET = "campus"
SEALS = "campus-seals"
REGION = "us-east-1"
HTTP_PORTS = ("s3", "filer", "volume", "master")
# The built-in maintenance job dials the admin port + 10000, whatever the flag says.
ADMIN_GRPC_OFFSET = 10000
SOCKET_BYTES = 100
RIGHTS = {
    "launcher": ["Admin", "Read", "Write", "List", "Tagging"],
    "app": [
        *(f"{right}:{BUCKET}" for right in ("Read", "Write", "List")),
        *(f"{right}:{SEALS}" for right in ("Read", "Write", "List")),
        *(f"{right}:{SEALS}" for right in ("PutObjectRetention", "GetObjectRetention")),
        f"GetBucketObjectLockConfiguration:{SEALS}",
    ],
}
# Second locks, behind the certificate: tokens for filer and volume.
KEYS = (
    "WEED_JWT_FILER_SIGNING_KEY",
    "WEED_JWT_FILER_SIGNING_READ_KEY",
    "WEED_JWT_SIGNING_KEY",
    "WEED_JWT_SIGNING_READ_KEY",
    "WEED_S3_SSE_KEK",
    "WEED_ADMIN_PASSWORD",
)
# Who serves gRPC or calls it, and who serves HTTP or calls it, all but S3: by certificate alone.
GRPC_PARTS = ("MASTER", "VOLUME", "FILER", "S3", "ADMIN", "WORKER", "CLIENT")
HTTPS_PARTS = ("MASTER", "VOLUME", "FILER", "ADMIN", "CLIENT")


@dataclass(frozen=True, slots=True)
class Door:
    """What the app needs to know: the S3 endpoint and a key for its two buckets alone."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str = BUCKET
    seals: str = SEALS
    region: str = REGION

    @property
    def environment(self) -> dict[str, str]:
        """The settings S3_* as config.py reads them."""
        return {
            "S3_ENDPOINT": self.endpoint,
            "S3_ACCESS_KEY": self.access_key,
            "S3_SECRET_KEY": self.secret_key,
            "S3_BUCKET": self.bucket,
            "S3_SEAL_BUCKET": self.seals,
            "S3_REGION": self.region,
        }

    @property
    def config(self) -> Config:
        """The same as settings for Storage."""
        return Config(
            s3_endpoint=self.endpoint,
            s3_access_key=self.access_key,
            s3_secret_key=self.secret_key,
            s3_bucket=self.bucket,
            s3_seal_bucket=self.seals,
            s3_region=self.region,
        )


def make_door(home: Path, who: str, port: int) -> Door:
    """The way in for "app" or "launcher", with keys kept in the home."""
    access = files.secret(home, f"s3-{who}-access")[:20]
    return Door(f"http://127.0.0.1:{port}", access, files.secret(home, f"s3-{who}"))


def identities(home: Path) -> dict[str, object]:
    """The content of weed's s3.json: the launcher may do all, the app reach two buckets."""
    doors = {who: make_door(home, who, 0) for who in RIGHTS}
    return {
        "identities": [
            {
                "name": who,
                "credentials": [{"accessKey": door.access_key, "secretKey": door.secret_key}],
                "actions": RIGHTS[who],
            }
            for who, door in doors.items()
        ]
    }


def environment(home: Path) -> dict[str, str]:
    """The environment with the keys, and nothing of ours beside them."""
    keys = {name: files.secret(home, f"objects-{name.lower()}") for name in KEYS}
    return {"PATH": "/usr/bin:/bin", "HOME": str(home / "objects"), **keys, **_locks(home)}


def _locks(home: Path) -> dict[str, str]:
    public, private = map(str, certificate.paths(home))
    locks = {"WEED_GRPC_CA": public, "WEED_HTTPS_CLIENT_ENABLED": "true"}
    for kind, parts in (("GRPC", GRPC_PARTS), ("HTTPS", HTTPS_PARTS)):
        for part in parts:
            locks |= {f"WEED_{kind}_{part}_CERT": public, f"WEED_{kind}_{part}_KEY": private}
            if kind == "HTTPS":
                locks[f"WEED_{kind}_{part}_CA"] = public
    return locks


def choose_ports(old: dict[str, int]) -> dict[str, int]:
    """A free port by name for every door, the old one where it is still free."""
    ports = dict[str, int]()
    for name in (*HTTP_PORTS, *(f"{name}.grpc" for name in HTTP_PORTS)):
        ports[name] = processes.choose_port(old.get(name), set(ports.values()))
    taken = set(ports.values())
    ports["admin"] = processes.choose_port(old.get("admin"), taken, ADMIN_GRPC_OFFSET)
    return ports


def arguments(home: Path, ports: dict[str, int], origin: str) -> list[str]:
    """The command line after the program's name."""
    return [
        "mini",
        f"-dir={home / 'objects'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        *(f"-{name}.port={ports[name]}" for name in HTTP_PORTS),
        *(f"-{name}.port.grpc={ports[f'{name}.grpc']}" for name in HTTP_PORTS),
        f"-admin.port={ports['admin']}",
        f"-admin.port.grpc={ports['admin'] + ADMIN_GRPC_OFFSET}",
        "-admin.ui=false",
        "-webdav=false",
        # No reading, writing or deleting over the HTTP of master and filer, by anybody.
        "-disableHttp=true",
        "-s3.iam=false",
        "-s3.autoCreateBucket=false",
        # Both listen by default, and a busy port would kill the whole process.
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        *_sockets(home / "objects"),
        f"-s3.config={home / 'secrets' / 's3.json'}",
        f"-s3.allowedOrigins={origin}",
        f"-filer.allowedOrigins={origin}",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=128",
    ]


def program() -> str:
    """The path of weed. Raises PartError when the wheel is not installed."""
    beside = Path(sysconfig.get_path("scripts")) / "weed"
    found = str(beside) if beside.is_file() else shutil.which("weed")
    if found is None:
        raise PartError("没有找到文件服务的程序 weed：请先运行 make run 安装依赖")
    return found


def _sockets(folder: Path) -> list[str]:
    """Sockets in our own folder, unless its path is too long for one; then weed's in /tmp."""
    paths = {name: folder / f"{name}.sock" for name in ("s3", "filer")}
    if max(len(str(path).encode()) for path in paths.values()) > SOCKET_BYTES:
        return []
    return [f"-{name}.localSocket={path}" for name, path in paths.items()]
