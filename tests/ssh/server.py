"""A real sshd on loopback, with keys and a configuration of its own, that lets this user in."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
SSHD = shutil.which("sshd", path=PATH)
TOOLS = [name for name in ("sshd", "ssh", "ssh-keygen", "tmux") if shutil.which(name, path=PATH) is None]
STARTED_WITHIN = 10.0  # seconds
CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile {folder}/pid
AuthorizedKeysFile {folder}/user.pub
AllowUsers {user}
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
PrintMotd no
PrintLastLog no
LogLevel ERROR
"""


@dataclass(frozen=True)
class Server:
    """An sshd that listens on `port`."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def login(self, port: int | None = None) -> list[str]:
        """The client's command, by the server's port or that of a line to it; what is to be run comes behind."""
        options = {
            "IdentityFile": str(self.folder / "user"),
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "no",
            "LogLevel": "ERROR",
            "Compression": "no",
        }
        words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return ["ssh", "-F", "/dev/null", "-tt", "-p", str(port or self.port), *words, f"{getpass.getuser()}@127.0.0.1"]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def sshd(folder: Path) -> Iterator[Server]:
    """The server, ended with the block. RuntimeError with its words when it does not begin."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it separates its privileges; its package makes it at boot
    port = free_port()
    config = folder / "sshd_config"
    config.write_text(CONFIG.format(port=port, folder=folder, user=getpass.getuser()))
    words = folder / "words"
    with words.open("wb") as out:
        process = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(config)], stderr=out, stdin=subprocess.DEVNULL)
    try:
        limit = time.monotonic() + STARTED_WITHIN
        while True:
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(words.read_text())
            time.sleep(0.05)
        yield Server(folder, port, process)
    finally:
        process.terminate()
        process.wait(STARTED_WITHIN)
