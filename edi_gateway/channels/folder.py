"""The folders shared with the ERP: `erp/<partner>/{in,out,archive,error,ack}`, and `work` where claimed files stand.

Every step is one rename within a partner's folder, so that a file is always in exactly one place, whole.
"""

import contextlib
import fcntl
import logging
import os
import re
import secrets
import stat
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from edi_gateway.channels.files import numbered, replace_whole, safe_name, standing, sync_folder
from edi_gateway.channels.locks import alone
from edi_gateway.faults import Fault
from edi_gateway.ports.channels import Claim

FOLDERS = ("in", "out", "archive", "error", "ack", "work")
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~")
"""Endings of files that their writer has not finished."""
SEMAPHORE = ".done"
_SEMAPHORE_READ = 4096
SPOOL = "work/out"
"""Where files stand that are whole but not yet the ERP's."""
LOCKS = ".locks"
_PARTNER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_log = logging.getLogger(__name__)

Look = tuple[int, int, int]


class FolderDrop:
    """The ERP's folders below one folder.

    Shape:  `complete` says how a file in `in/` is known to be whole: "rename" (taken on sight), "semaphore" (`<name>.done` beside
            it), "stable" (the same size, time and inode in two looks). `worker` names our part of `work/`: processes that share
            the folders need one name each, and the same one after a restart.
    """

    def __init__(self, folder: Path, *, complete: str = "stable", worker: str = "1") -> None:
        self._folder = folder
        self._complete = complete
        self._worker = safe_name(worker)
        self._seen: dict[Path, Look] = {}
        self._told: set[Path] = set()
        self._lock = threading.Lock()

    def prepare(self, partner: str) -> Path:
        """The partner's folder, its folders made where they are missing. Errors: ValueError for what is not a partner's key."""
        home = self._home(partner)
        for name in FOLDERS:
            (home / name).mkdir(parents=True, exist_ok=True)
        self._work(home).mkdir(exist_ok=True)
        (home / SPOOL).mkdir(exist_ok=True)
        return home

    def _home(self, partner: str) -> Path:
        if not _PARTNER.fullmatch(partner):
            raise ValueError(f"{partner!r} is not a partner's key")
        return self._folder / partner

    def _standing(self, partner: str, name: str) -> Path:
        """A folder of a partner's, made with the others where it is missing."""
        folder = self._home(partner) / name
        return folder if folder.is_dir() else self.prepare(partner) / name

    def partners(self) -> list[str]:
        """The partners' keys that have a folder with an `in/`, whoever made it."""
        if not self._folder.is_dir():
            return []
        return sorted(path.name for path in self._folder.iterdir() if _PARTNER.fullmatch(path.name) and (path / "in").is_dir())

    def claim(self, partner: str, now: datetime) -> list[Claim]:
        """Complete files, the oldest first, and again every file claimed before that was neither archived nor rejected since."""
        with self._lock:
            try:
                home = self.prepare(partner)
                return self._claims(partner, home / "in", self._work(home))
            except OSError as wrong:
                # One partner's folder must not keep the others' files waiting.
                self._tell(self._folder / partner, wrong)
                return []

    def _claims(self, partner: str, folder: Path, work: Path) -> list[Claim]:
        self._fetch_left_semaphores(folder, work)
        for path in self._complete_files(folder):
            self._take(path, work)
        claimed = (self._read(partner, path) for path in _claimed(work))
        return [one for one in claimed if one is not None]

    def archive(self, claim: Claim, now: datetime) -> str:
        """Moves a claimed file to `archive/YYYY/MM/DD/`; where it stands now. Twice is once."""
        return self._settle(claim, self.prepare(claim.partner) / "archive" / f"{now:%Y}" / f"{now:%m}" / f"{now:%d}")

    def reject(self, claim: Claim, now: datetime) -> str:
        """Moves a claimed file to `error/`; where it stands now. Twice is once."""
        return self._settle(claim, self.prepare(claim.partner) / "error")

    def answer(self, partner: str, name: str, as_json: bytes, as_text: bytes) -> None:
        """Publishes `ack/<name>.result.txt`, then `.json`: who waits for the JSON finds both."""
        folder = self.prepare(partner) / "ack"
        stem = safe_name(name)
        replace_whole(folder, {f"{stem}.result.txt": as_text, f"{stem}.result.json": as_json})

    def stage(self, partner: str, name: str, content: bytes, semaphore: str | None = None) -> None:
        """Writes a file on its way out, and its semaphore, to the spool, durable before this returns; the same name again replaces both."""
        staged = self._standing(partner, SPOOL) / safe_name(name)
        if semaphore is None:
            _semaphore_of(staged).unlink(missing_ok=True)
            replace_whole(staged.parent, {staged.name: content})
        else:
            replace_whole(staged.parent, {_semaphore_of(staged).name: semaphore.encode(), staged.name: content})

    def discard(self, partner: str, name: str) -> None:
        """Takes a staged file, and its semaphore, out of the spool again: only of what no transaction has kept."""
        staged = self._standing(partner, SPOOL) / safe_name(name)
        for path in (staged, _semaphore_of(staged)):
            path.unlink(missing_ok=True)

    def alone(self, number: int, *, wait: bool = True) -> AbstractContextManager[bool]:
        """Nobody else who shares the folders is alone with the set of this number while the block lasts; whether we are."""
        return alone(self._folder / LOCKS, number, wait=wait)

    def release(self, partner: str, name: str) -> str:
        """Renames a staged file into `out/`, never over one that is there; its path. Where nothing is staged it was released before."""
        staged, folder = self._standing(partner, SPOOL) / safe_name(name), self._standing(partner, "out")
        with self._alone(folder.parent):
            if staged.exists():
                target = next(path for path in numbered(folder, staged.name) if not path.exists())
                staged.rename(target)
            else:
                target = _last_standing(folder, staged.name)
        sync_folder(folder)
        sync_folder(staged.parent)
        return str(target)

    def announce(self, partner: str, name: str, path: str) -> None:
        """Renames the staged semaphore of a released file to `<path>.done`. One that is no longer in the spool was announced before."""
        staged, target = _semaphore_of(self._standing(partner, SPOOL) / safe_name(name)), _semaphore_of(Path(path))
        with contextlib.suppress(FileNotFoundError):
            staged.rename(target)
            sync_folder(target.parent)
            sync_folder(staged.parent)

    def stands(self, path: str) -> bool:
        """Whether a file that was released still stands where it was put; True where that cannot be told, as on a lost mount."""
        return Path(path).exists() or not Path(path).parent.is_dir()

    @contextlib.contextmanager
    def _alone(self, home: Path) -> Iterator[None]:
        """No other thread, and no other process of the gateway, gives out a name in this partner's folders meanwhile."""
        with self._lock:
            work = os.open(home / "work", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(work, fcntl.LOCK_EX)
                yield
            finally:
                os.close(work)

    def _work(self, home: Path) -> Path:
        return home / "work" / f"in-{self._worker}"

    def _complete_files(self, folder: Path) -> list[Path]:
        found = {path: _look(path) for path in _by_age(folder) if self._is_input(path)}
        match self._complete:
            case "rename":
                complete = list(found)
            case "semaphore":
                complete = [path for path in found if _semaphore_of(path).is_file()]
            case _:
                complete = [path for path, look in found.items() if look is not None and self._seen.get(path) == look]
        self._seen = {path: look for path, look in self._seen.items() if path.parent != folder}
        self._seen.update({path: look for path, look in found.items() if look is not None})
        return complete

    def _is_input(self, path: Path) -> bool:
        name = path.name.lower()
        return not (name.endswith(UNFINISHED) or (self._complete == "semaphore" and name.endswith(SEMAPHORE)))

    def _take(self, path: Path, work: Path) -> None:
        """Renames a file into a folder of its own in `work`: a claim's path is never that of another."""
        own = work / secrets.token_hex(8)
        own.mkdir()
        try:
            path.rename(own / _text(path.name))
        except OSError as wrong:
            own.rmdir()
            self._tell(path, wrong)
            return
        if self._complete == "semaphore":
            _follow(path, own)
        for folder in (own, work, path.parent):
            sync_folder(folder)

    def _fetch_left_semaphores(self, folder: Path, work: Path) -> None:
        """Takes semaphores whose file was claimed just before a crash: they would let the next file of that name in too early."""
        if self._complete == "semaphore":
            for path in _claimed(work):
                if not (folder / path.name).exists():
                    _follow(folder / path.name, path.parent)

    def _read(self, partner: str, path: Path) -> Claim | None:
        try:
            content = path.read_bytes()
        except OSError as wrong:
            self._tell(path, wrong)
            return None
        beside = _semaphore_of(path)
        semaphore = beside.read_bytes()[:_SEMAPHORE_READ] if beside.is_file() else b""
        return Claim(partner=partner, name=path.name, path=str(path), content=content, semaphore=semaphore)

    def _tell(self, path: Path, wrong: OSError) -> None:
        """Logs once that a file or folder cannot be used; it is tried again at every look."""
        if path not in self._told:
            self._told.add(path)
            _log.warning(Fault.of("CFG-FOLDER", value=str(path), reason=wrong.strerror or wrong).line())

    def _settle(self, claim: Claim, folder: Path) -> str:
        source = Path(claim.path)
        if source.parent.parent != self._work(self._folder / claim.partner):
            return claim.path  # it stands where it was moved before
        folder.mkdir(parents=True, exist_ok=True)
        with self._alone(self._folder / claim.partner):
            if not source.exists():
                return str(standing(folder, claim.name, claim.content) or folder / claim.name)
            target = next(path for path in numbered(folder, claim.name) if not path.exists())
            source.rename(target)
            sync_folder(folder)
            _semaphore_of(source).unlink(missing_ok=True)
            _remove_empty(source.parent)
            sync_folder(source.parent.parent)
            return str(target)


def _semaphore_of(path: Path) -> Path:
    return path.with_name(path.name + SEMAPHORE)


def _last_standing(folder: Path, name: str) -> Path:
    """The path that was given last of those that a name may have; the name itself where none stands."""
    last = folder / name
    for path in numbered(folder, name):
        if not path.exists():
            return last
        last = path
    return last


def _follow(path: Path, own: Path) -> None:
    """Moves the semaphore of a claimed file after it."""
    with contextlib.suppress(FileNotFoundError):
        _semaphore_of(path).rename(own / (_text(path.name) + SEMAPHORE))


def _look(path: Path) -> Look | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _text(name: str) -> str:
    """A file name as text that can be stored and shown: bytes that are no UTF-8 become U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _by_age(folder: Path) -> list[Path]:
    """The plain files of a folder that do not hide, the oldest first; no links, which could lead anywhere."""
    aged = []
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        try:
            found = path.lstat()
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode):
            aged.append((found.st_mtime_ns, path.name, path))
    return [path for _, _, path in sorted(aged)]


def _claimed(work: Path) -> list[Path]:
    """The files that are claimed, the oldest first; folders that a crash left empty are removed."""
    found = []
    for own in work.iterdir():
        if own.is_dir():
            inside = [path for path in _by_age(own) if not path.name.endswith(SEMAPHORE)]
            found += inside
            if not inside:
                _remove_empty(own)
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _remove_empty(folder: Path) -> None:
    """Removes a folder, unless somebody has put something into it."""
    with contextlib.suppress(OSError):
        folder.rmdir()
