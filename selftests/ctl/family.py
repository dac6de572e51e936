# SPDX-License-Identifier: GPL-2.0
"""What the tests of this group share: TAP, and the family through ynl."""
import errno
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Where the Makefile put ynl and the specification: beside us if installed.
sys.path.insert(0, os.environ.get("OUTPUT", HERE))


def skip_all(why):
    """Nothing can be tested."""
    print(f"1..0 # SKIP {why}")
    sys.exit(4)


try:
    import jsonschema
    from ynl import NlError, YnlFamily
    from ynl.nlspec import SpecFamily
except ImportError as e:
    skip_all(e)

WHERE = os.path.dirname(os.path.dirname(os.path.abspath(sys.modules["ynl"].__file__)))
SPEC = os.path.join(WHERE, "netlink", "specs", "rsmod.yaml")
SCHEMA = os.path.join(WHERE, "netlink", "genetlink.yaml")

number = 0
failed = 0


def result(good, what, note=""):
    """One TAP line."""
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} {what}")
    if not good and note:
        print(f"# {note}")
    sys.stdout.flush()
    return good


def done():
    """The plan, and the exit status."""
    print(f"1..{number}")
    sys.exit(failed > 0)


def wait_until(condition, seconds=30):
    """Whether CONDITION holds in time; its value."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return value


def spec_valid():
    """Is the specification one, by the kernel's schema?"""
    try:
        SpecFamily(SPEC, SCHEMA)
        return result(True, "the specification is valid")
    except jsonschema.ValidationError as e:
        return result(False, "the specification is valid", str(e).split("\n", maxsplit=1)[0])


def open_family():
    """A new client of the family."""
    return YnlFamily(SPEC, schema=SCHEMA)


def need_rsmod():
    """Skip all unless root with rsmod."""
    if os.geteuid():
        skip_all("needs root")
    if not os.path.isdir("/sys/module/rsmod") and os.system("modprobe rsmod"):
        skip_all("rsmod is not installed")


def error(family, op, attrs, dump=False):
    """The errno and the sentence of a refusal; (0, reply) if there is none."""
    try:
        return 0, family.dump(op, attrs) if dump else family.do(op, attrs)
    except NlError as e:
        return -e.nl_msg.error, (e.nl_msg.extack or {}).get("msg", "")


def refused(family, what, op, attrs, code, dump=False):
    """Is it refused, with this errno and with a sentence?"""
    got, msg = error(family, op, attrs, dump)
    return result(got == code and bool(msg), what,
                  f"got {errno.errorcode.get(got, got)} {msg!r}, want {errno.errorcode[code]}")
