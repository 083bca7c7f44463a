#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scripts for /etc/init.d: what a build says about those that would not run."""
import ocilib
from harness import Case, main

OURS = {"init": b"\x7fELF", "sbin": None, "etc": None}
LINK = "  - {path: sbin/wherry-supervisor, symlink: ../init}\n"  # by which a build knows Wherry's own init
FILE = "  - {path: etc/init.d/%s, contents: \"%s\", mode: \"%s\"}\n"


class Scripts(Case):
    def warnings(self, files):
        layout = ocilib.standard(self.path("layout"))
        layout.name("example.test/ours:1", layout.image([OURS]))
        self.ok("cache", "import", self.path("layout"))
        self.write("os.yml", 'init: ["example.test/ours:1"]\nfiles:\n' + files)
        return self.ok("build", "--fresh", "-f", "tar", "-o", "x.tar", "os.yml").err

    def test_what_something_else_does(self):
        err = self.warnings(LINK + FILE % ("020-containerd", "", "0755") + FILE % ("010-onboot", "", "0755"))
        self.assertIn("/etc/init.d/020-containerd is not run: the supervisor starts the services", err)
        self.assertIn("/etc/init.d/010-onboot is not run: the supervisor runs onboot", err)

    def test_what_cannot_run(self):
        err = self.warnings(LINK + FILE % ("030-a", "#!/bin/sh\\n", "0644") +
                            FILE % ("030-b", "#! /bin/nosuch -e\\n", "0755") + FILE % ("030-c", "#!/init\\n", "0755"))
        self.assertIn("/etc/init.d/030-a is not run at boot: it is not executable", err)
        self.assertIn("/etc/init.d/030-b can't run at boot: the root has no /bin/nosuch;", err)
        self.assertNotIn("030-c", err)

    def test_scripts_for_the_shutdown(self):
        err = self.warnings(LINK + FILE.replace("init.d", "shutdown.d") % ("050-save", "#!/init", "0755") +
                            FILE.replace("init.d", "shutdown.d") % ("010-onshutdown", "", "0755"))
        self.assertIn("/etc/shutdown.d/050-save is not run at shutdown: an entry in `onshutdown` is", err)
        self.assertNotIn("010-onshutdown", err)

    def test_another_init_runs_them(self):
        self.assertNotIn("init.d", self.warnings(FILE % ("020-containerd", "", "0644")))


if __name__ == "__main__":
    main()
