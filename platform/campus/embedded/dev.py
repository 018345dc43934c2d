"""Everything together on one machine, in order, until Ctrl-C.

Database and file service start side by side, then migrations, the web server while demo schools are
made, last the worker; a step whose work is found done is left out. What dies is started again; what
an earlier, killed supervisor left is adopted or ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from campus import assets
from campus.config import Config
from campus.embedded import address, children, files, processes, screen
from campus.embedded.ballast import Ballast
from campus.embedded.children import Child
from campus.embedded.files import PartError
from campus.embedded.objects import Objects
from campus.embedded.postgres import Postgres
from campus.embedded.standing import standing

ROOT = Path(__file__).resolve().parents[3]
CONF = ROOT / "platform" / "campus" / "gunicorn_conf.py"
CAMPUS = (sys.executable, "-m", "campus")
READY_SECONDS = 60.0
GIVE_UP_DEATHS = 4
WATCH_SECONDS = 0.3
STOP_SECONDS = {"web": 4.0, "worker": 3.0}


@dataclass(frozen=True, slots=True)
class Commands:
    """What is run, so that tests can put simple programs in its place."""

    migrate: tuple[str, ...] = (*CAMPUS, "migrate")
    assets: tuple[str, ...] = (*CAMPUS, "assets")
    demo: tuple[str, ...] = (*CAMPUS, "demo", "--if-empty")
    worker: tuple[str, ...] = (*CAMPUS, "worker")
    web: tuple[str, ...] = (sys.executable, "-m", "gunicorn", "-c", str(CONF), "wsgi:app")


class Stopped(Exception):
    """Ctrl-C, SIGTERM or a closed terminal."""


class Supervisor:
    """One run of one home."""

    def __init__(self, config: Config, commands: Commands | None = None) -> None:
        self.config = config
        self.commands = commands or Commands()
        self.home = files.prepare(config.home_dir)
        self.lock = files.Lock(self.home, "dev", "这个平台")
        origin = config.public_url or f"http://{address.reachable(config.host)}:{config.port}"
        self.postgres = Postgres(self.home)
        self.objects = Objects(self.home, origin=origin)
        self.children: list[Child] = []

    def run(self, *, web: bool = True, worker: bool = True, demo: bool = True) -> None:
        """Start everything, then watch until stopped. Raises PartError, leaving nothing behind."""
        self.lock.take()
        if "MAKELEVEL" in os.environ:
            # A killed `make run` would leave us behind, unseen and holding the home.
            processes.die_with_parent()
        _on_signals(_raise_stopped)
        try:
            children.end_leftovers(self.home)
            if web:
                self._require_port()
            self._start_parts()
            found = standing(self.postgres.url("web"), screen.DEMO_SLUG)
            self._keep_settings()
            if not found.migrated:
                self._step(
                    "migrate", "数据库结构没有更新", self.commands.migrate, self.environment()
                )
            self._start_children(web=web, worker=worker, demo=demo and not found.demo)
            screen.ready(self.config, web=web)
            ballast = Ballast(self.postgres.cluster.place.folder)
            while True:
                ballast.tend()
                time.sleep(WATCH_SECONDS)
                self._repair()
        except Stopped:
            screen.say("正在停止……")
        finally:
            _on_signals(_ignore)
            self._stop()

    def environment(self) -> dict[str, str]:
        """The settings that lead to our own parts, over those of this process."""
        urls = self.postgres.urls()
        return {
            **os.environ,
            "CAMPUS_HOME": str(self.home),
            "CAMPUS_ENV": self.config.environment,
            "CAMPUS_SECRET_KEY": self.config.secret_key or files.secret(self.home, "secret-key"),
            "HOST": self.config.host,
            "PORT": str(self.config.port),
            "DATABASE_URL": urls["web"],
            "WORKER_DATABASE_URL": urls["worker"],
            "MIGRATOR_DATABASE_URL": urls["migrator"],
            **self.objects.door.environment,
            "PYTHONUNBUFFERED": "1",
        }

    def _require_port(self) -> None:
        host, port = self.config.host, self.config.port
        try:
            free = processes.wait_for(lambda: processes.port_is_free(port, host), 0.5, 0.1)
        except OSError as error:
            raise PartError(f"HOST={host} 不是本机的地址，请改用 HOST=127.0.0.1") from error
        if not free:
            other = address.another(port)
            raise PartError(f"端口 {port} 已被别的程序占用：请换一个，例如 PORT={other} make run")

    def _start_parts(self) -> None:
        with ThreadPoolExecutor(2) as pool:
            database, store = pool.submit(self.postgres.start), pool.submit(self.objects.start)
            if assets.stale():
                self._step("assets", "页面资源没有生成", self.commands.assets, os.environ)
        database.result()
        store.result()

    def _keep_settings(self) -> None:
        """For commands in another window."""
        environ = self.environment()
        lines = "".join(f"{name}={environ[name]}\n" for name in sorted(SETTINGS & environ.keys()))
        files.write_private(self.home / "secrets" / "env", lines)

    def _step(
        self, name: str, failed: str, command: tuple[str, ...], environ: Mapping[str, str]
    ) -> None:
        log = files.open_log(self.home, name)
        before = files.log_size(self.home, name)
        try:
            code = subprocess.run(  # noqa: S603
                command,
                cwd=ROOT,
                env=environ,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                check=False,
            ).returncode
        finally:
            os.close(log)
        if code:
            screen.say(files.log_tail(self.home, name, before)[-1500:])
            path = self.home / "logs" / f"{name}.log"
            raise PartError(f"{failed}，原因在上面和 {path}；修好后重新运行 make run")

    def _start_children(self, *, web: bool, worker: bool, demo: bool) -> None:
        environ = self.environment()
        # The web process gets no key to tables or to the worker's rights.
        only_web = {name: value for name, value in environ.items() if name not in NOT_FOR_WEB}
        server = self._child("web", self.commands.web, only_web) if web else None
        if demo:
            # While the web server loads: on two cores each part's start is mostly imports.
            self._step("demo", "演示学校没有建好", self.commands.demo, environ)
        if server:
            self._await_web(server)
        if worker:
            self._child("worker", self.commands.worker, environ)

    def _child(self, name: str, command: tuple[str, ...], environ: Mapping[str, str]) -> Child:
        child = Child(self.home, name, command, environ, ROOT)
        self.children.append(child)
        child.start()
        return child

    def _await_web(self, web: Child) -> None:
        url = f"http://{address.reachable(self.config.host)}:{self.config.port}/healthz"
        deadline = time.monotonic() + READY_SECONDS
        while not address.answers(url):
            self._repair()
            if web.deaths >= GIVE_UP_DEATHS or time.monotonic() > deadline:
                screen.say(files.log_tail(self.home, "web")[-1500:])
                path = self.home / "logs" / "web.log"
                raise PartError(f"网站没有启动，原因在上面和 {path}；修好后重新运行 make run")
            time.sleep(0.05)

    def _repair(self) -> None:
        """Start again whatever has died."""
        before = self._addresses()
        for part, name in ((self.postgres, "数据库"), (self.objects, "文件服务")):
            if not part.running():
                self._restart(part.start, name)
        moved = self._addresses() != before
        for child in self.children:
            try:
                self._look_after(child, moved)
            except OSError as error:
                screen.say(f"{child.name} 停了，还没有恢复，两秒后再试：{error}")
                time.sleep(2.0)

    def _look_after(self, child: Child, moved: bool) -> None:
        if moved:
            environ = self.environment()
            child.restart_with({name: environ[name] for name in MOVING & child.environ.keys()})
        elif child.watch():
            screen.say(f"{child.name} 意外退出，已重新启动（日志：logs/{child.name}.log）")

    def _restart(self, start: Callable[[], object], name: str) -> None:
        try:
            start()
        except (PartError, OSError) as error:  # a full disk fails anywhere, and heals
            screen.say(f"{name}停了，还没有恢复，两秒后再试：{error}")
            time.sleep(2.0)
        else:
            screen.say(f"{name}意外退出，已重新启动")

    def _addresses(self) -> tuple[int, str]:
        return self.postgres.port, self.objects.door.endpoint

    def _stop(self) -> None:
        for child in self.children:
            child.stop(STOP_SECONDS[child.name])
        self.objects.stop()
        self.postgres.stop()
        self.lock.release()


MOVING = {"DATABASE_URL", "WORKER_DATABASE_URL", "MIGRATOR_DATABASE_URL", "S3_ENDPOINT"}
NOT_FOR_WEB = {"WORKER_DATABASE_URL", "MIGRATOR_DATABASE_URL"}
SETTINGS = MOVING | {
    *("CAMPUS_HOME", "CAMPUS_ENV", "CAMPUS_SECRET_KEY", "HOST", "PORT"),
    *("S3_ACCESS_KEY", "S3_SECRET_KEY", "S3_BUCKET", "S3_REGION"),
}


def _on_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    _on_signals(_ignore)
    raise Stopped


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """The end has begun; a second Ctrl-C must not leave half of it standing."""
