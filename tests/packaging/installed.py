# SPDX-License-Identifier: Apache-2.0
"""What the tests of this directory share: the commands of docs/install.md, and running them."""
import os
import subprocess
import sys

import images

sys.path.insert(0, os.path.join(images.ROOT, "tests", "docs"))
import pages  # noqa: E402

PAGE = os.path.join("docs", "install.md")


def commands(title):
    """What the page tells its readers to type in a section, as one script."""
    return "\n".join(step.text for step in dict(pages.sections(pages.read(PAGE)))[title]) + "\n"


def run(*command, **more):
    """What it said on stdout and stderr. Fails with that."""
    more.setdefault("timeout", 1800)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **more)
    if done.returncode:
        raise AssertionError("%s: exit code %d\n%s" % (" ".join(command)[:200], done.returncode, done.stdout[-6000:]))
    return done.stdout
