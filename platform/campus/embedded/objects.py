"""The object store for one machine: SeaweedFS, reached by its S3 door alone.

`weed mini` opens ten doors. All are bound to loopback on ports we choose. S3 asks for a key; every
other asks for a certificate only the store itself has, because its master would delete a whole
bucket for anyone who opens an address; the doors we have no use for are closed; nothing is reported
to its makers. The app's key reaches two buckets: the files', and the one that locks (campus.vault).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from uuid import uuid4

from campus.embedded import certificate, files, processes, weed
from campus.embedded.files import PartError
from campus.embedded.weed import Door
from campus.storage import (
    PROBE_SCHOOL,
    Storage,
    StorageUnavailable,
    ensure_bucket,
    object_key,
)
from campus.vault import ensure_vault

TRIES = 3
READY_SECONDS = 30.0
# A kill loses nothing that was acknowledged (measured); waiting longer gains nothing.
PATIENCE = ((signal.SIGTERM, 4.0), (signal.SIGKILL, 2.0))


class Objects:
    """The store of one home. ``origin`` is the one browsers may come from (CORS)."""

    def __init__(self, home: Path, *, origin: str = "http://127.0.0.1:8000") -> None:
        self.home = files.prepare(home)
        self.origin = origin
        self.data = self.home / "objects"
        self._lock = files.Lock(self.home, "objects", "文件服务")
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def ports(self) -> dict[str, int]:
        """The ports of the last start by name; empty before the first."""
        ports = files.recall(self.home, "objects").get("ports", {})
        return ports if isinstance(ports, dict) else {}

    @property
    def door(self) -> Door:
        """The app's way in. Raises PartError before the first start."""
        return self._door("app")

    def running(self) -> bool:
        """Whether the store's process is alive and ours."""
        return self.pid() is not None

    def pid(self) -> int | None:
        """The store's pid if it runs and is ours."""
        if self._child is not None:
            self._child.poll()
        pid = files.recall(self.home, "objects").get("pid")
        return pid if isinstance(pid, int) and self._owns(pid) else None

    def start(self) -> Door:
        """Have the store running and proven: an object was stored, read and deleted.

        Raises AlreadyRunning when another start holds this home, PartError when it cannot start.
        """
        self._lock.take()
        try:
            if not self._adopt():
                self._start_on_some_ports()
        except BaseException:
            self.stop()
            raise
        return self.door

    def stop(self) -> None:
        """Stop what start() started (about two seconds) and let go of the home."""
        if self._lock.held:
            pid = self.pid()
            if pid is not None:
                processes.end(pid, self._owns, PATIENCE)
            self._reap()
            self._lock.release()

    def _owns(self, pid: int) -> bool:
        words = processes.command_line(pid) if processes.is_running(pid) else []
        return len(words) > 2 and words[1] == "mini" and f"-dir={self.data}" in words

    def _adopt(self) -> bool:
        """Take over a store that outlived its starter, unless it differs or does not answer."""
        remembered = files.recall(self.home, "objects").get("pid")
        if isinstance(remembered, int):
            processes.let_die(remembered)
        for pid in processes.pids():
            if not self._owns(pid):
                continue
            expected = weed.arguments(self.home, self.ports, self.origin)
            same = pid == remembered and processes.command_line(pid)[1:] == expected
            if same and self._proven(pid, 5.0):
                return True
            processes.end(pid, self._owns, PATIENCE)
        self._reap()
        return False

    def _start_on_some_ports(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        files.require_room(self.data)
        # weed would take its old flags, old ports too, from the file it wrote last time.
        (self.data / "mini.options").unlink(missing_ok=True)
        certificate.renew(self.home)
        identities = self.home / "secrets" / "s3.json"
        for _ in range(TRIES):
            files.remember(self.home, "objects", {"ports": weed.choose_ports(self.ports)})
            files.write_private(identities, json.dumps(weed.identities(self.home)))
            pid = self._spawn()
            if self._proven(pid, READY_SECONDS):
                return
            processes.end(pid, self._owns, PATIENCE)
            self._reap()
        log = self.home / "logs" / "objects.log"
        raise PartError(
            f"文件服务没有启动，原因在 {log} 的最后几行（常见的是磁盘已满）；"
            "修好后重新运行 make run"
        )

    def _spawn(self) -> int:
        log = files.open_log(self.home, "objects")
        try:
            self._child = subprocess.Popen(  # noqa: S603
                [weed.program(), *weed.arguments(self.home, self.ports, self.origin)],
                cwd=self.data,
                env=weed.environment(self.home),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        except OSError as error:
            raise PartError(
                f"文件服务的程序不能运行（{error.strerror}）：请删除 .venv 后重试"
            ) from error
        finally:
            os.close(log)
        files.remember(self.home, "objects", {"ports": self.ports, "pid": self._child.pid})
        return self._child.pid

    def _proven(self, pid: int, seconds: float) -> bool:
        """Wait until an object could be stored, read and deleted with the app's own key."""
        launcher, app = self._door("launcher").config, Storage(self._door("app").config)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._alive(pid):
            with contextlib.suppress(StorageUnavailable):
                ensure_bucket(launcher)
                ensure_vault(launcher)
                app.circuit.worked()
                key = object_key(PROBE_SCHOOL, uuid4())
                app.put(PROBE_SCHOOL, key, b"probe", "text/plain")
                stored = app.get(PROBE_SCHOOL, key)
                app.delete(PROBE_SCHOOL, key)
                return stored == b"probe"
            time.sleep(0.05)
        return False

    def _alive(self, pid: int) -> bool:
        if self._child is not None and self._child.pid == pid:
            return self._child.poll() is None
        return self._owns(pid)

    def _reap(self) -> None:
        if self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(1.0)
            self._child = None

    def _door(self, who: str) -> Door:
        if "s3" not in self.ports:
            raise PartError(f"{self.home} 里的文件服务还没有启动过：请先运行 make run")
        return weed.make_door(self.home, who, self.ports["s3"])
