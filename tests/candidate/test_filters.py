"""The seccomp filters are compiled from the policy, and decide as it says.

An interpreter of classic BPF runs them here, so that those of other machines are tested too.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence

import pytest

from grader.candidate.sandbox.wall.seccomp import ITSELF, filter_for

try:
    import compile_filters
    import pyseccomp  # type: ignore[import-untyped]
except (ImportError, OSError, RuntimeError):
    pytest.skip("libseccomp is not installed on this machine", allow_module_level=True)

MACHINES = list(compile_filters.MACHINES)
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
REFUSED, MISSING = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS
POLICY = compile_filters.policy()
THREAD = 0x3D0F00
"""The flags that the C library gives to clone for a new thread."""
FROM_OUTSIDE = [1, 3, 9, 15, 19, 20, 21, 22]
"""SIGHUP, SIGQUIT, SIGKILL, SIGTERM, SIGSTOP, SIGTSTP, SIGTTIN and SIGTTOU, on both machines."""
NEVER = """
    socket socketpair connect bind listen sendmsg recvmsg fork vfork execve execveat ptrace process_vm_readv
    process_vm_writev kcmp mount umount2 pivot_root chroot unshare setns keyctl add_key request_key bpf
    perf_event_open io_uring_setup userfaultfd memfd_create shmget semget msgget mq_open setrlimit setpriority
    sched_setaffinity sched_setscheduler tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open pidfd_send_signal
    pidfd_getfd fchmod fchmodat fchown fchownat utimensat setxattr fsetxattr truncate ftruncate linkat symlinkat
    renameat2 unlinkat mkdirat mknodat open_by_handle_at name_to_handle_at fanotify_init inotify_init1 personality
    setuid setresuid setgid capset prctl seccomp landlock_restrict_self mlock mlockall mincore timer_create
    umask chdir fchdir quotactl swapon reboot sethostname settimeofday clock_settime init_module delete_module
    acct syslog vhangup setsid setpgid eventfd2 epoll_create1 signalfd4 splice tee vmsplice sendfile copy_file_range
    fallocate flock fsync sync personality getpriority membarrier pkey_alloc process_madvise process_mrelease
""".split()  # noqa: SIM905 - a long list of words


def number(machine: str, call: str) -> int:
    return int(pyseccomp.resolve_syscall(compile_filters.MACHINES[machine], call))


def decided(machine: str, call: str | int, *arguments: int, arch: int | None = None) -> int:
    """Return what the filter of ``machine`` answers to a call."""
    nr = call if isinstance(call, int) else number(machine, call)
    passed = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<iIQ6Q", nr, AUDIT_ARCH[machine] if arch is None else arch, 0, *passed)
    return interpreted(filter_for(machine), data)


def interpreted(program: bytes, data: bytes) -> int:
    """Run the instructions that libseccomp uses, as the kernel's Documentation/networking/filter describes them."""
    instructions = list(struct.iter_unpack("<HBBI", program))
    at = accumulator = 0
    while True:
        code, if_true, if_false, k = instructions[at]
        at += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, k)
            case 0x54:
                accumulator &= k
            case 0x05:
                at += k
            case 0x15 | 0x25 | 0x35:
                holds = {0x15: accumulator == k, 0x25: accumulator > k, 0x35: accumulator >= k}[code]
                at += if_true if holds else if_false
            case 0x06:
                return int(k)
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_is_what_the_policy_compiles_to(machine: str) -> None:
    assert filter_for(machine) == compile_filters.compiled(machine)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_call_is_decided_as_the_policy_says(machine: str) -> None:
    allowed = {number(machine, call) for call in POLICY["allowed"]}
    missing = {number(machine, call) for call in POLICY["missing"]}
    conditional = {number(machine, entry["call"]) for entry in POLICY["conditional"]}
    for nr in range(1024):
        expected = ALLOW if nr in allowed else MISSING if nr in missing else REFUSED
        if nr not in conditional:
            assert decided(machine, nr, *[2**64 - 1] * 6) == expected, nr


@pytest.mark.parametrize("machine", MACHINES)
def test_the_calls_of_another_architecture_end_the_process(machine: str) -> None:
    assert decided(machine, "read", arch=0x40000003) == KILL


def test_the_calls_of_x32_are_not_those_of_x86_64() -> None:
    assert decided("x86_64", number("x86_64", "open") | 0x40000000) != ALLOW


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("clone", [THREAD]),
        *[("kill", [ITSELF, number]) for number in (0, 2, 6, 10, 14)],
        *[("tgkill", [ITSELF, 7, number]) for number in (2, 6, 11, 14, 33)],
        ("prlimit64", [0, 7, 0, 1]),
        ("sendto", [3, 1, 1, 0, 0]),
        ("fcntl", [3, 1030, 5]),
        ("ioctl", [1, 0x5401, 1]),
    ],
)
def test_what_python_and_threads_need_is_allowed(machine: str, call: str, arguments: Sequence[int]) -> None:
    assert decided(machine, call, *arguments) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("clone", [17]),
        ("clone", [0]),
        ("clone", [0x4111]),
        *[("clone", [THREAD ^ flag]) for flag in (0x100, 0x800, 0x10000)],
        *[("clone", [THREAD | flag]) for flag in (0x1000, 0x2000, 0x4000, 0x8000, 0x800000)],
        *[("clone", [THREAD | 1 << bit]) for bit in (17, 25, 26, 27, 28, 29, 30)],
        ("kill", [1, 6]),
        ("kill", [0, 6]),
        ("kill", [2**64 - 1, 6]),
        ("kill", [2**32 + ITSELF, 6]),
        ("tgkill", [1, 1, 6]),
        *[("kill", [ITSELF, number]) for number in FROM_OUTSIDE],
        *[("tgkill", [ITSELF, 7, number]) for number in FROM_OUTSIDE],
        ("prlimit64", [0, 7, 1, 0]),
        ("prlimit64", [1, 7, 0, 1]),
        ("sendto", [3, 1, 1, 0, 1, 16]),
        ("fcntl", [3, 8, 1]),
        ("fcntl", [3, 1024, 1]),
        ("fcntl", [3, 1031, 1]),
        ("ioctl", [0, 0x5412, 1]),
    ],
)
def test_what_reaches_beyond_the_process_is_refused(
    machine: str, call: str, arguments: Sequence[int]
) -> None:
    assert decided(machine, call, *arguments) == REFUSED


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("call", NEVER)
def test_what_nobody_needs_to_learn_backpropagation_is_refused(machine: str, call: str) -> None:
    if (nr := number(machine, call)) >= 0:
        assert decided(machine, nr) == REFUSED
