# SPDX-License-Identifier: Apache-2.0
"""Services have the default seccomp profile, and others on demand: what the kernel answers to a program inside."""
import errno
import json
import os
import re
import tempfile
import unittest

import boot
import images

ONLY_KEYCTL = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["keyctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno.EXDEV}]}


def service(name, *lines):
    return "\n".join(["  - name: " + name, "    image: " + images.tag("getty"), "    command: [/probe, %s]" % name,
                      '    binds: ["/etc/probe:/probe:ro"]'] + ["    " + line for line in lines]) + "\n"


class Seccomp(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="wherry seccomp ")
        self.addCleanup(directory.cleanup)
        self.dir = directory.name
        images.program("probe", os.path.join(self.dir, "probe"))

    def answers(self, vm, name):
        """{call: errno's name or ""} of a service."""
        line = vm.wait_for_anywhere(r"\b%s (keyctl=.*) end" % name).group(1)
        return {call: errno.errorcode.get(int(number), "") for call, number in re.findall(r"([\w-]+)=(\d+)", line)}

    def test_profiles(self):
        with open(os.path.join(self.dir, "own.json"), "w") as f:
            json.dump(ONLY_KEYCTL, f)
        text = images.base(
            services=service("usual", "capabilities: [CAP_KILL]")
            + service("free", "capabilities: []", "wherry: {seccomp: none}")
            + service("own", "capabilities: []", "wherry: {seccomp: ./own.json}")
            + service("admin", "capabilities: [CAP_SYS_ADMIN]")
            + service("mighty", "capabilities: [all]"),
            cmdline=images.CMDLINE + " wherry.console")
        text += "files:\n  - path: etc/probe\n    source: %s\n    mode: '0755'\n" % json.dumps(os.path.join(self.dir,
                                                                                                            "probe"))
        with boot.Boot(images.build(text, self.dir)) as vm:
            usual, free, own, admin, mighty = (
                self.answers(vm, name) for name in ("usual", "free", "own", "admin", "mighty"))
            self.assertEqual(vm.power_off(), 0)
        self.assertEqual(usual, {
            "keyctl": "EPERM", "io_uring": "EPERM", "unshare": "EPERM", "clone-user": "EPERM", "clone": "",
            "clone3": "ENOSYS", "personality": "", "aslr": "ENOSYS", "unix": "", "inet6": "", "alg": "ENOSYS",
            "alg-high-bits": "ENOSYS", "vsock": "ENOSYS", "trace": "", "unknown": "ENOSYS"})
        for answers in (free, mighty):
            self.assertEqual({call: answers[call] for call in ("keyctl", "unshare", "clone-user", "clone", "aslr",
                                                               "unknown")},
                             {"keyctl": "", "unshare": "", "clone-user": "", "clone": "", "aslr": "",
                              "unknown": "ENOSYS"})
            self.assertNotIn("EPERM", answers.values())
        self.assertEqual(own, dict(free, keyctl="EXDEV"))
        self.assertEqual(admin, dict(usual, unshare="", **{"clone-user": "", "clone3": free["clone3"]}))


if __name__ == "__main__":
    unittest.main()
