"""Walls around code that nobody has read.

On Linux the code has no other process to see, no network, a file system that is read-only but for a small
folder in memory (namespaces), no file but Python's and NumPy's (Landlock), and starts no process (seccomp).
With these, root and ordinary users are alike. Everywhere there are limits of time, and where Python has
``resource``, as on macOS, of memory and files. Those alone keep mistakes in, not malice.

Nothing here raises for what a machine does not have; each function says whether its wall stands.
"""

import contextlib
import ctypes
import math
import os
import signal
import struct
import sys
from typing import NamedTuple

if sys.platform != "win32":
    import resource

LINUX = sys.platform == "linux"
LIMITED = sys.platform != "win32"
libc = ctypes.CDLL(None, use_errno=True) if LINUX else None

NEW = {"mount": 0x00020000, "ipc": 0x08000000, "user": 0x10000000, "pid": 0x20000000, "net": 0x40000000}
SET_DUMPABLE, SET_DEATH_SIGNAL, SET_SECCOMP, SET_NO_NEW_PRIVILEGES = 4, 1, 22, 38  # of prctl
MOUNT_SETATTR, CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 442, 444, 445, 446  # the same on every machine
EXECUTE, WRITE, READ, LIST, MAKE_DEVICES = 1, 2, 4, 8, 64 | 2048  # rights of Landlock


class Limits(NamedTuple):
    """What one submission may use."""

    cpu: int = 10  # seconds of the processor, for one cell or call
    wall: float = 30  # seconds by the clock, for the same
    cells: float = 60  # seconds by the clock, for all cells together
    total: float = 300  # seconds by the clock after which nothing more is tried
    memory: int = 1 << 31  # bytes of addresses
    file: int = 1 << 24  # bytes of one file
    scratch: int = 1 << 25  # bytes of all files together, where there are namespaces
    files: int = 64  # open at once
    reply: int = 1 << 22  # bytes of one answer
    notebook: int = 1 << 24  # bytes of the submission


LIMITS = Limits()


def call(name: str, *args: object) -> int:
    """A function of the C library; OSError when it fails."""
    result = int(getattr(libc, name)(*args))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def namespaces(scratch: str, size: int) -> bool:
    """Go on in a new process that is alone, with ``scratch`` as its only writable folder.

    This process stays outside: when it is told to end, or the new one ends, nothing that was started inside
    is left. Where a part cannot be had, the result is False, and the new process may not exist.
    """
    if not LINUX:
        return False
    user, group = os.getuid(), os.getgid()
    try:
        call("unshare", sum(NEW.values()))
    except OSError:
        return False
    stands = True
    try:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        read_only = struct.pack("QQQQ", 1, 0, 0, 0)
        call("syscall", MOUNT_SETATTR, -100, b"/", 0x8000, read_only, len(read_only))
        options = f"size={size},nr_inodes=1000,mode=700".encode()
        call("mount", b"tmpfs", os.fsencode(scratch), b"tmpfs", 2 | 4 | 8, options)  # nosuid, nodev, noexec
    except OSError:
        stands = False
    with contextlib.suppress(OSError):
        call("capset", struct.pack("Ii", 0x20080522, 0), bytes(24))  # inside, nobody is root either
    signals = {signal.SIGTERM, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    if inside := os.fork():
        call("prctl", SET_DEATH_SIGNAL, signal.SIGTERM)
        signal.sigwait(signals)
        os.kill(inside, signal.SIGKILL)  # the first process of its namespace: with it all others end
        os.waitpid(inside, 0)
        os._exit(0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    end_with_parent()
    return stands


def end_with_parent() -> None:
    """Have the kernel end this process when the one that started it is gone."""
    if LINUX:
        call("prctl", SET_DEATH_SIGNAL, signal.SIGKILL)


def landlock(scratch: str, standard: list[str], package: str) -> bool:
    """Let this process read its ``standard`` library and NumPy, write in ``scratch``, and no more."""
    if not LINUX:
        return False
    try:
        version = call("syscall", CREATE_RULESET, None, 0, 1)
        rights = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
        # rights on files; on TCP (bind, connect); on sockets and signals of others
        handled = struct.pack("QQQ", rights, 3, 3)[: 8 if version < 4 else 16 if version < 6 else 24]
        ruleset = call("syscall", CREATE_RULESET, handled, len(handled), 0)
        allow(ruleset, scratch, rights & ~EXECUTE & ~MAKE_DEVICES)
        allow(ruleset, "/dev/null", READ | WRITE)
        for path in readable(standard, package):
            allow(ruleset, path, READ | LIST)
        for folder in standard:  # names of files only: imports look for them
            allow(ruleset, folder, LIST)
        call("prctl", SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        call("syscall", RESTRICT_SELF, ruleset, 0)
        os.close(ruleset)
    except OSError:
        return False
    return True


def readable(standard: list[str], package: str) -> list[str]:
    """Python's own modules, NumPy, and the system's libraries; no other package: one may hold the answers."""
    own = [file.path for folder in standard for file in os.scandir(folder) if "-packages" not in file.name]
    libraries = [f"{package}.libs", "/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache"]
    return [*own, package, *filter(os.path.exists, libraries)]


def allow(ruleset: int, path: str, rights: int) -> None:
    """Add a rule of Landlock: these rights on the file, or on everything below the folder."""
    where = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rights &= ~0 if os.path.isdir(path) else READ | WRITE
    call("syscall", ADD_RULE, ruleset, 1, struct.pack("=Qi", rights, where), 0)
    os.close(where)


# By machine: its number for seccomp, clone, and what is refused: fork, vfork, socket, ptrace,
# process_vm_writev, kill, unshare, setns, io_uring_setup.
CALLS = {
    "x86_64": (0xC000003E, 56, (57, 58, 41, 101, 311, 62, 272, 308, 425)),
    "aarch64": (0xC00000B7, 220, (198, 117, 271, 129, 97, 268, 425)),
}
ALLOW, REFUSE, UNKNOWN = 0x7FFF0000, 0x00050001, 0x00050026  # go on; EPERM; ENOSYS
CLONE3, CLONE_THREAD = 435, 0x10000


def no_processes() -> bool:
    """Let this process start threads, but no other process, and open no socket."""
    if not LINUX or os.uname().machine not in CALLS:
        return False
    machine, clone, refused = CALLS[os.uname().machine]
    load, equal, at_least, any_bit, give = (
        0x20,
        0x15,
        0x35,
        0x45,
        0x06,
    )  # instructions: (code, if, else, value)
    lines = [(load, 0, 0, 4), (equal, 1, 0, machine), (give, 0, 0, REFUSE), (load, 0, 0, 0)]
    lines += [(at_least, 0, 1, 0x40000000), (give, 0, 0, REFUSE)]  # numbers of a third machine
    for number in refused:
        lines += [(equal, 0, 1, number), (give, 0, 0, REFUSE)]
    lines += [(equal, 0, 1, CLONE3), (give, 0, 0, UNKNOWN)]  # then the C library takes clone
    lines += [(equal, 0, 3, clone), (load, 0, 0, 16), (any_bit, 1, 0, CLONE_THREAD), (give, 0, 0, REFUSE)]
    lines += [(give, 0, 0, ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = struct.pack("HxxxxxxP", len(lines), ctypes.addressof(code))
    try:
        call("prctl", SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        call("prctl", SET_SECCOMP, 2, program, 0, 0)
    except OSError:
        return False
    return True


def limit(limits: Limits) -> None:
    """Limits of memory and files for this process, where Python has ``resource``."""
    if sys.platform == "win32":
        return
    kinds = {"AS": limits.memory, "FSIZE": limits.file, "NOFILE": limits.files, "CORE": 0}
    for kind, value in kinds.items():
        number = getattr(resource, f"RLIMIT_{kind}")
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(number, (value, value))


def allow_seconds(seconds: int) -> None:
    """Let this process use the processor for so many seconds from now on; then the kernel ends it."""
    if sys.platform == "win32":
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = math.ceil(used.ru_utime + used.ru_stime) + seconds
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (end, resource.getrlimit(resource.RLIMIT_CPU)[1]))
