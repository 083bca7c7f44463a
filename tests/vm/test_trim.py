# SPDX-License-Identifier: Apache-2.0
"""The program trim-after-delete with a server that answers as Docker's does. No machine, and no image.

usage: test_trim.py GUEST, the guest's programs for this machine
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

GUEST = os.path.abspath(sys.argv.pop())
HEAD = b"HTTP/1.0 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\n\r\n"
EVENT = b'{"status":"delete","id":"sha256:1","Type":"image","Action":"delete","Actor":{"ID":"sha256:1"}}\n'
LIMIT = 30


class Docker(threading.Thread):
    """Answers each connection with the next of the lists of pieces, and hangs up after it unless it is the last."""

    def __init__(self, path, *answers):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen()
        self.answers = list(answers)
        self.asked = []

    def run(self):
        while self.answers:
            connection, _ = self.socket.accept()
            self.asked.append(connection.recv(4096).decode())
            for piece in self.answers.pop(0):
                connection.sendall(piece)
                time.sleep(0.3)
            if self.answers:
                connection.close()
        self.kept = connection


class Trim(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="wherry-trim-")
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.program = os.path.join(self.dir, "trim-after-delete")
        os.symlink(GUEST, self.program)
        self.socket, self.log = os.path.join(self.dir, "docker.sock"), os.path.join(self.dir, "log")

    def start(self, *args):
        """What runs notes it in the log."""
        command = [self.program, *args, "--", "/bin/sh", "-c", "echo $0 >> %s" % self.log, "run"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

        def end():
            process.kill()
            process.communicate()
        self.addCleanup(end)
        return process

    def runs(self):
        if not os.path.exists(self.log):
            return 0
        with open(self.log) as f:
            return f.read().count("run\n")

    def wait_for(self, n):
        end = time.monotonic() + LIMIT
        while self.runs() < n:
            self.assertLess(time.monotonic(), end, "%d runs" % self.runs())
            time.sleep(0.05)

    def test_it_runs_once_for_many_deletes_and_again_after_docker_was_restarted(self):
        docker = Docker(self.socket, [HEAD, EVENT, EVENT], [HEAD[:20], HEAD[20:] + EVENT])
        docker.start()
        self.start("-delay", "500ms", "-socket", self.socket)
        self.wait_for(2)
        time.sleep(1)
        self.assertEqual(self.runs(), 2)
        self.assertRegex(docker.asked[0], r"^GET /v1\.24/events\?filters=%7B%22type%22%3A%5B%22image%22%5D")

    def test_no_delete_no_run(self):
        Docker(self.socket, [HEAD]).start()
        self.start("-delay", "100ms", "-socket", self.socket)
        time.sleep(1.5)
        self.assertEqual(self.runs(), 0)

    def test_what_is_not_docker_is_reported(self):
        Docker(self.socket, [b"HTTP/1.0 403 Forbidden\r\n\r\n"] * 2, [HEAD]).start()
        process = self.start("-delay", "100ms", "-socket", self.socket)
        self.assertIn("it does not answer as Docker does", process.stdout.readline())

    def test_it_waits_for_docker(self):
        process = self.start("-delay", "100ms", "-socket", self.socket)
        self.assertIn("can't ask Docker at " + self.socket, process.stdout.readline())
        Docker(self.socket, [HEAD + EVENT]).start()
        self.wait_for(1)

    def test_every_so_often(self):
        self.start("-every", "200ms")
        self.wait_for(3)


if __name__ == "__main__":
    unittest.main()
