"""Becomes the given command: `launch.py PARENT SIGNAL UNPRIVILEGED COMMAND...`. Standard library only, runs before it.

The command gets SIGNAL when PARENT ends. With UNPRIVILEGED and root, it runs as a user of its own, because
PostgreSQL refuses root: in a user namespace where root is called 1000, and where the machine allows none, as
`nobody` with the one capability of reading and writing any file, so that folders of root can be reached.
"""

import ctypes
import os
import pwd
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522
INSIDE = 1000
NOBODY = "nobody"


def namespaces_allowed() -> bool:
    """Whether this machine lets root make a user namespace. Tried in a child, for it cannot be undone."""
    if os.environ.get("CROWDECON_NO_NAMESPACE"):
        return False
    child = os.fork()
    if child == 0:
        try:
            enter_namespace()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def enter_namespace() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, line in (("uid_map", f"{INSIDE} 0 1"), ("setgroups", "deny"), ("gid_map", f"{INSIDE} 0 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def become_nobody() -> None:
    """Leave root for `nobody`, keeping CAP_DAC_OVERRIDE over the coming exec (an ambient capability)."""
    libc = ctypes.CDLL(None, use_errno=True)
    user = pwd.getpwnam(NOBODY)
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bits = 1 << CAP_DAC_OVERRIDE
    data = (ctypes.c_uint32 * 6)(bits, bits, bits, 0, 0, 0)
    if libc.capset(header, data) == 0:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def foreign_owner() -> tuple[int, int] | None:
    """The user and group that own the servers' files when root may make no namespace; None where it is just us."""
    if os.geteuid() != 0 or namespaces_allowed():
        return None
    user = pwd.getpwnam(NOBODY)
    return user.pw_uid, user.pw_gid


def main() -> None:
    parent, death, unprivileged, *command = sys.argv[1:]
    if unprivileged == "1" and os.geteuid() == 0:
        if namespaces_allowed():
            enter_namespace()
        else:
            become_nobody()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death), 0, 0, 0)
    # The parent may have ended before the kernel knew our wish.
    if os.getppid() != int(parent):
        sys.exit("The process that wanted this is gone.")
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
