# SPDX-License-Identifier: Apache-2.0
"""Programs that an ordinary user runs, who has more ids than one: as root for nobody, else for whoever runs the tests.

For nobody /etc/subuid and /etc/subgid are others, in a mount namespace.
"""
import os
import shutil
import subprocess

UID = 65534
AS_NOBODY = ("mount --bind \"$1\" /etc/subuid && mount --bind \"$1\" /etc/subgid && shift && "
             "exec setpriv --reuid %d --regid %d --clear-groups \"$@\"" % (UID, UID))


class User:
    def __init__(self, directory, program):
        """directory is the user's from now on; the program is copied there, where the user can read it."""
        self.home = os.path.join(directory, "user")
        os.makedirs(self.home)
        self.program = shutil.copy(program, self.home)
        self.ids = os.path.join(directory, "ids")
        with open(self.ids, "w", encoding="ascii") as f:
            f.write("nobody:200000:65536\n")
        if os.geteuid() == 0:
            os.chmod(directory, 0o755)
            os.chown(self.home, UID, UID)

    def start(self, *argv):
        """A process that is the program itself, so that it can be sent signals."""
        command = ["unshare", "--mount", "sh", "-c", AS_NOBODY, "sh", self.ids] if os.geteuid() == 0 else []
        env = {"PATH": os.environ["PATH"], "HOME": self.home, "TMPDIR": self.home, "LC_ALL": "C"}
        return subprocess.Popen([*command, *argv], env=env, cwd=self.home, text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *argv):
        p = self.start(*argv)
        try:
            out, err = p.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            p.kill()
            p.communicate()
            raise
        return subprocess.CompletedProcess(argv, p.returncode, out, err)

    def why_not(self, builder):
        """Why the user can't have namespaces from this builder; None: it works."""
        if not shutil.which(builder):
            return builder + " is not installed"
        done = self.run(builder, "unshare", "unshare", "--net", "true")
        return done.stderr.strip()[-300:] if done.returncode else None
