# SPDX-License-Identifier: Apache-2.0
"""What a run costs, as the kernel counts it."""
import collections
import os
import subprocess
import tempfile
import time
import zlib

Cost = collections.namedtuple("Cost", "code out err seconds cpu memory")

SERVICE = """\
  - name: service%(i)d
    image: example.com/team/service%(j)d:1.%(i)d
    command: ["/usr/bin/service", "--port", "%(i)d"]
    env:
      - PORT=%(i)d
    capabilities:
      - CAP_NET_BIND_SERVICE
      - CAP_SETUID
    binds:
      - /etc/service%(i)d:/etc/service:ro
    uid: service%(k)d
    wherry: {restart: always, after: [service%(k)d]}
"""
REAL_SERVICES = 32  # so many have as many lines as the largest YAML files that people have


def services(n):
    """YAML with n services, each of 12 lines."""
    return "services:\n" + "".join(SERVICE % {"i": i, "j": i % 50, "k": max(i - 1, 0)} if i else
                                   "  - {name: service0, image: i}\n" for i in range(n))


REFERENCE_WORK = b"".join(b"%d" % (i * i) for i in range(1 << 18))


def reference():
    """Seconds of CPU time that compressing 2.7 MB takes on this machine now, with what else it does: a unit for
    limits. A machine that others use as well has CPU times that differ by a factor of two.
    """
    best = None
    for _ in range(3):
        started = time.process_time()
        zlib.compress(REFERENCE_WORK, 6)
        elapsed = time.process_time() - started
        best = elapsed if best is None else min(best, elapsed)
    return best


def cost(command, **more):
    """
    The exit code, stdout and stderr (as text), seconds, seconds of CPU time, and the largest resident size in
    bytes. GNU time, which is small, runs the program: a process begins its count with the size of its parent.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.NamedTemporaryFile() as peak:
        started = time.monotonic()
        with subprocess.Popen(["time", "--quiet", "--format=%M", "--output", peak.name, *command],
                              stdin=subprocess.DEVNULL, stdout=out, stderr=err, **more) as p:
            _, status, usage = os.wait4(p.pid, 0)
            p.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        texts = []
        for file in out, err:
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
        return Cost(p.returncode, *texts, seconds, usage.ru_utime + usage.ru_stime, int(peak.read()) * 1024)
