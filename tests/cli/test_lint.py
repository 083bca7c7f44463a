#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The checks of the lint, and the counting of tests, find what they are for; and a tool that fails says so."""
import contextlib
import importlib.machinery
import importlib.util
import io
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BODY = "\n\nIt says in some words why this is done."

# A message, and what is wrong with it; "" for nothing.
MESSAGES = [
    ("base: add a clock" + BODY, ""),
    ("base, src/net: feed the process from .ci/run" + BODY, ""),
    ("add a clock" + BODY, "room: do something"),
    ("base: adds a clock" + BODY, "'adds' is not an imperative"),
    ("base: added a clock" + BODY, "'added' is not an imperative"),
    ("base: adding a clock" + BODY, "'adding' is not an imperative"),
    ("base: a clock" + BODY, "'a' is not an imperative"),
    ("findings: clocks of others are late" + BODY, ""),
    ("base: add " + "x" * 62 + BODY, ""),
    ("base: add " + "x" * 63 + BODY, "73 columns"),
    ("base: add a clock." + BODY, "full stop"),
    ("base: add a clock", "does not say why"),
    ("base: add a clock\n\nSigned-off-by: A Person With Four Names <a@example.test>", "does not say why"),
    ("base: add a clock" + BODY[1:], "not one blank line"),
    ("base: add a clock\n" + BODY, "not one blank line"),
    ("base: add a clock" + BODY + "\n" + "w " * 38, "76 columns"),
    ("base: add a clock" + BODY + "\n    " + "w " * 38, ""),
    ("base: add a clock" + BODY + "\nhttps://example.test/" + "x" * 80, ""),
]
LICENCE = "/* SPDX-License-Identifier: Apache-2.0 */\n"
WHAT = LICENCE + "/* What it is. */\n"
FUNCTION = "static int f(void)\n{\n%s}\n"

# A file's name, its content, and the rules that it goes against.
FILES = [
    ("a.c", WHAT + "\n" * 27 + FUNCTION % "", []),
    ("a.c", WHAT + FUNCTION % "", ["short"]),
    ("a.c", WHAT + "static const int table[] = {1};\n" + FUNCTION % "", []),
    ("a.c", WHAT + "int main(void)\n{\n}\n", []),
    ("a.c", LICENCE + "\n" * 40, ["comment"]),
    ("a.c", "\n" + WHAT + "\n" * 40, ["licence"]),
    ("a.c", WHAT + "\n" * 399, ["long"]),
    ("a.c", WHAT + FUNCTION % ("\tx();\n" * 50), []),
    ("a.c", WHAT + FUNCTION % ("\tx();\n" * 51), ["function"]),
    ("a.h", LICENCE + "\t" * 12 + "a b;\n", []),
    ("a.h", LICENCE + "\t" * 12 + "ab cd;\n", ["width"]),
    ("a.md", "w " * 60, []),
    ("a.md", "w " * 61, ["width"]),
    ("a.md", "| " + "w " * 61, []),
    ("a.md", "- https://example.test/" + "x" * 120, []),
    ("a.py", "w " * 61, ["width"]),
    ("a", "#!/bin/sh\n" + "w " * 61, ["width"]),
    ("a", "w " * 61, []),
]

# An exit code, what a program printed, and how many tests passed, failed and were skipped.
COUNTS = [
    (0, "[  PASSED  ] 3 test(s).\n", (3, 0, 0)),
    (1, "[  PASSED  ] 3 test(s).\n[  FAILED  ] 1 test(s), listed below:\n", (3, 1, 0)),
    (0, "Ran 5 tests in 1.0s\n\nOK (skipped=2)\n", (3, 0, 2)),
    (1, "Ran 5 tests in 1.0s\n\nFAILED (failures=1, errors=1)\n", (3, 2, 0)),
    (0, "142 cases: 110 passed, 32 deviate at a BUG\n", (142, 0, 0)),
    (1, "142 cases: 109 passed, 32 deviate at a BUG, 1 failed\n", (141, 1, 0)),
    (0, "", (1, 0, 0)),
    (1, "", (0, 1, 0)),
    (77, "", (0, 0, 1)),
    (-11, "[  PASSED  ] 3 test(s).\n", (3, 1, 0)),
]
# A tree, with rooms of a tool and of a guest, of which base is in both.
NAMES = {
    "src/meson.build": "rooms = {\n  'base': {\n    'guest': true,\n  },\n  'up': {\n  },\n}\n",
    "src/base/one.h": """
/* one_comment(); */
int one_used(int (*f)(int a), int b) ATTR_PRINTF(1, 2);
int one_unused(void);
void one_free(struct one *o);
DEFINE_CLEANUP(struct one *, one_free, one)
struct two_one {
	int (*two_member)(int a);
};
void one_parts_cleanup(struct one_parts *p);
extern const int one_table[], table_one;
static inline int two_inline(void)
{
	return 1;
}
""",
    "src/base/one.c": """
int one_used(void) {}
int one_unused(void) {}
void one_free(void) {}
void one_parts_cleanup(void) {}
void two_way(void) {}
const int one_table[], table_one;
""",
    "src/base/two.h": "int two_way(int a,\n\tint b);\n",
    "src/up/up.h": "struct s *two_ways(void);\n",
    "src/up/up.c": "two_ways(one_used, one_table, table_one, two_way);\nCLEANUP(one_parts) struct one_parts p;\n",
    "src/up/twice.c": "two_ways();\n",
    "src/base/twice.c": "",
    "src/up/main.c": "",
    "src/base/main.c": "",
    "guest/up/twice.c": "up_ways();\n",
    "guest/up/up.h": "int table_guest(void);\nint up_ways(void);\n",
    "guest/up/up.c": "int table_guest(void);\nint up_ways(void) {}\n",
    "tests/unit/test-guest.c": "table_guest();\n",
}

# What a kernel has instead of what is recommended, the reasons of a page, and what is wrong.
KERNELS = [
    ("all A y\nall B n", "", ""),
    ("all A y all=n", "| `A` | all | n | it is slow |", ""),
    ("all A y arm64=n", "| `A` | arm64 | n | it is slow |", ""),
    ("all A y all=n\nall B y all=n", "| `A`, `B` | all | n | both are slow |", ""),
    ("all A y all=n", "", "no reason why A is n for amd64"),
    ("all A y all=n", "| `A` | arm64 | n | it is slow |", "no reason why A is n for riscv64"),
    ("all A y", "| `A` | all | n | it is slow |", "A does not differ for amd64"),
    ("all A y all=n", "| `A` | all | n | |", "no reason: "),
    ("all A 1 all=2", "| `A` | all | 3 | it is slow |", "A is not 3 for amd64"),
    ("all A y all=y", "", "A is said to differ, and does not"),
    ("all A y\narm64 A y", "", "A is there twice for arm64"),
    ("all A y\nx86 A y", "", "no architecture: x86"),
    ("all FIRST n", "", "FIRST is y, and n in the table"),
]
# A finished configuration, and what it is not.
CONFIGS = [
    ("CONFIG_A=y\nCONFIG_C=\"x\"\n", ""),
    ("CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=\"x\"\n", "B is y, not n"),
    ("# CONFIG_A is not set\nCONFIG_C=\"x\"\n", "A is n, not y"),
    ("CONFIG_A=y\nCONFIG_C=\"y\"\n", "C is \"y\", not \"x\""),
    ("CONFIG_A=y\nCONFIG_C=\"x\"\n# CONFIG_MITIGATION_NEW is not set\n", "MITIGATION_NEW is off"),
    ("CONFIG_A=y\nCONFIG_C=\"x\"\n# CONFIG_ARM64_ERRATUM_1 is not set\n", "ARM64_ERRATUM_1 is off"),
    *[("CONFIG_A=y\nCONFIG_C=\"x\"\n# CONFIG_%s is not set\n" % option, option + " is off")
      for option in ("CPU_MITIGATIONS", "ERRATA_ONE", "ONE_CPU_ERRATUM", "MITIGATE_IT")],
    ("CONFIG_A=y\nCONFIG_C=\"x\"\n# CONFIG_ERRATA_D is not set\n", ""),
    ("CONFIG_A=y\nCONFIG_C=\"x\"\nCONFIG_ERRATA_D=y\n", "ERRATA_D is y, not n"),
]

# Options of tools/bench-arches, the row of riscv64, and what is wrong with a page that has them.
MEASURED = [
    ("--columns time,memory --turns 2", "| riscv64 | 1.50 | 90.0 MiB |\n", ""),
    ("--columns time,memory", "", "the table is not"),
    ("--columns time,memory", "| riscv64 | 1.50 |\n", "the table is not"),
    ("--columns memory,time", "| riscv64 | 1.50 | 90.0 MiB |\n", "the table is not"),
    ("--columns time,memory --arches amd64,arm64", "| riscv64 | 1.50 | 90.0 MiB |\n", "the table is not"),
    ("--colour red", "| riscv64 | 1.50 | 90.0 MiB |\n", "unrecognized arguments"),
]

# A run of tests, begun with signals ignored, as a shell does in the background; its only program hangs.
HANGS = """
import os, signal, sys, test_lint
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    signal.signal(number, signal.SIG_IGN)
tool = test_lint.load("run-tests")
tool.take_signals()
line = "grep SigIgn /proc/self/status; echo $$; echo ready; exec sleep 1000"
tool.run_all([tool.Job("cli", "hangs", ["sh", "-c", line], logs=sys.argv[1])], dict(os.environ))
"""


def load(name):
    """A program of tools/ as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), os.path.join(ROOT, "tools", name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class Lint(unittest.TestCase):
    def test_a_kernel_has_a_reason_for_what_it_lacks(self):
        for table, row, wanted in KERNELS:
            with self.subTest(table=table, row=row), tempfile.TemporaryDirectory() as directory:
                files = {"hardening": table, "config": "CONFIG_FIRST=y",
                         "page": "<!-- hardening -->\n| options |\n|---|\n%s\n<!-- end -->\n" % row,
                         **{"config-" + arch: "" for arch in ("amd64", "arm64", "riscv64")}}
                for name, text in files.items():
                    pathlib.Path(directory, name).write_text(text + "\n", encoding="utf-8")
                done = subprocess.run([os.path.join(ROOT, "tools", "check-kernel-doc"), directory, directory + "/page"],
                                      stdout=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(done.returncode, 1 if wanted else 0, done.stdout)
                self.assertIn(wanted, done.stdout)

    def test_a_kernel_is_what_its_table_says(self):
        for config, wanted in CONFIGS:
            with self.subTest(config), tempfile.TemporaryDirectory() as directory:
                files = {"table": "# a comment\nall A n all=y\narm64 B n\namd64 A n\nall C \"x\"\n"
                         "arm64 ERRATA_D y arm64=n\n",
                         "config": config}
                for name, text in files.items():
                    pathlib.Path(directory, name).write_text(text, encoding="utf-8")
                done = subprocess.run([os.path.join(ROOT, "pkg", "kernel-small", "check-hardening"), "arm64",
                                       directory + "/table", directory + "/config"],
                                      stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(done.returncode, 1 if wanted else 0, done.stderr)
                self.assertIn(wanted, done.stderr)

    def test_a_table_that_says_nothing(self):
        check = os.path.join(ROOT, "pkg", "kernel-small", "check-hardening")
        done = subprocess.run([check, "arm64", "/dev/null", "/dev/null"], stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (1, "the table has nothing for arm64\n"))

    def test_components_and_their_page(self):
        """The page must be what the packages say, and what their table names must exist."""
        label = "# Does *it*.\nimage: a\nconfig:\n  command: [/a, -x]\n  capabilities: [CAP_CHOWN]\n"
        row = "- {linuxkit: a, ours: a, tested: tests/t.py}\n"
        for rows, build, wanted in [
                (row, label, ""), (row, label.replace("-x", "-y"), "is not up to date"),
                (row, label.split("\n", 1)[1], "a comment at its top"),
                (row + "- {linuxkit: b-x, note: none yet}\n", label, "is not up to date"),
                (row + "- {linuxkit: c, note: none yet}\n", label, "coming-from-linuxkit.md: there is no row for c"),
                (row.replace("ours: a", "ours: c"), label, "no component c"),
                (row.replace("t.py", "u.py"), label, "no test of a: tests/u.py"),
                ("- {linuxkit: b}\n", label, "needs ours, or a note"), (row * 2, label, "must be sorted")]:
            with self.subTest(wanted=wanted), tempfile.TemporaryDirectory() as directory:
                top = pathlib.Path(directory)
                for name, text in (("tests/t.py", ""), ("pkg/components.yml", row), ("pkg/a/build.yml", label), (
                        "sizes/a", "20 KiB"), ("docs/coming-from-linuxkit.md",
                                               "| LinuxKit's package | |\n|---|---|\n| `a`, `b*` | |\n\n`c`\n"), (
                        "page.md", "<!-- linuxkit -->\n<!-- end -->\n<!-- components -->\n<!-- end -->\n")):
                    (top / name).parent.mkdir(parents=True, exist_ok=True)
                    (top / name).write_text(text, encoding="utf-8")
                check = [os.path.join(ROOT, "tools", "check-components-doc"), "--measured", top / "sizes",
                         top / "page.md", top / "pkg"]
                subprocess.run(check[:1] + ["--write"] + check[1:], check=True, stdout=subprocess.PIPE, timeout=60)
                self.assertIn("Does \\*it\\*.\n\n- command: `/a -x`\n- capabilities: `CAP_CHOWN`\n",
                              (top / "page.md").read_text(encoding="utf-8"))
                (top / "pkg/components.yml").write_text(rows, encoding="utf-8")
                (top / "pkg/a/build.yml").write_text(build, encoding="utf-8")
                done = subprocess.run(check, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(bool(done.returncode), bool(wanted), done.stderr)
                self.assertIn(wanted, done.stderr)
                if wanted:
                    continue
                page = (top / "page.md").read_text(encoding="utf-8")
                self.assertIn("| [a](#a) | 20 KiB |", page)
                (top / "page.md").write_text(page.replace("20 KiB", ""), encoding="utf-8")
                done = subprocess.run(check, stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual((done.returncode, "size is not known" in done.stderr), (1, True), done.stderr)

    def test_examples_and_their_table(self):
        """Each example says in its first line what it shows, is in a test, and was measured."""
        example = "# Shows it.\nkernel:\n"
        for text, test, mib, wanted in [
                (example, '"a"', "20", ""), (example.replace("it", "this"), '"a"', "20", "is not up to date"),
                (example.replace("it.", "it"), '"a"', "20", "with a full stop"),
                (example, '"ab"', "20", "no test boots"),
                (example, '"a"', "", "not measured yet, which the tests do: a")]:
            with self.subTest(wanted=wanted), tempfile.TemporaryDirectory() as directory:
                top = pathlib.Path(directory)
                for name, content in (("tests/test_x.py", '"a"'), ("examples/a.yml", example), (
                        "measured/a.json", '{"mib": 20, "ready": 1.26}'), (
                        "page.md", "<!-- examples -->\n<!-- end -->\n")):
                    (top / name).parent.mkdir(parents=True, exist_ok=True)
                    (top / name).write_text(content, encoding="utf-8")
                check = [os.path.join(ROOT, "tools", "check-examples-doc"), "--measured", top / "measured", "--write",
                         top / "page.md", top / "examples", top / "tests"]
                subprocess.run(check, check=True, timeout=60)
                page = (top / "page.md").read_text(encoding="utf-8")
                self.assertIn("| [a](a.yml) | Shows it. | 20 MiB | 1.3 s |\n", page)
                (top / "page.md").write_text(page if mib else page.replace("20 MiB", ""), encoding="utf-8")
                (top / "examples/a.yml").write_text(text, encoding="utf-8")
                (top / "tests/test_x.py").write_text(test, encoding="utf-8")
                check.remove("--write")
                done = subprocess.run(check, stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(bool(done.returncode), bool(wanted), done.stderr)
                self.assertIn(wanted, done.stderr)

    def test_measured_architectures(self):
        for options, row, wanted in MEASURED:
            with self.subTest(options, row=row), tempfile.TemporaryDirectory() as directory:
                page = pathlib.Path(directory, "page.md")
                page.write_text("`tools/bench-arches %s --write page.md`\n<!-- measured -->\n"
                                "| architecture | until ready | memory used |\n|---|---|---|\n"
                                "| amd64 | 1.00 | 80.0 MiB |\n| arm64 | 0.90 | 70.0 MiB |\n%s<!-- end -->\n"
                                % (options, row), encoding="utf-8")
                done = subprocess.run([os.path.join(ROOT, "tools", "bench-arches"), "--check", page],
                                      stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(bool(done.returncode), bool(wanted), done.stderr)
                self.assertIn(wanted, done.stderr)

    def test_messages_of_commits(self):
        check = load("check-commits")
        for message, wrong in MESSAGES:
            with self.subTest(message):
                found = list(check.problems_of(message + "\n"))
                self.assertEqual(len(found), 1 if wrong else 0, found)
                self.assertIn(wrong, "".join(found))

    def test_sizes_of_files(self):
        check = load("check-source")
        with tempfile.TemporaryDirectory() as check.ROOT:
            for name, content, wrong in FILES:
                with self.subTest(content):
                    with open(os.path.join(check.ROOT, name), "w", encoding="utf-8") as f:
                        f.write(content)
                    self.assertEqual([rule for rule, _, _ in check.problems_of(name) or ()], wrong)

    def test_a_short_file_has_two_users(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "src", "base"))
            for users, wrong in (("b",), ["short"]), (("b", "c"), []):
                for name, text in [("a", WHAT + FUNCTION % "")] + [(user, "") for user in users]:
                    with open(os.path.join(root, "src", "base", name + ".c"), "w", encoding="utf-8") as f:
                        f.write('%s#include "base/a.h"\n' % text)
                check = load("check-source")
                check.ROOT = root
                found = [rule for rule, _, _ in check.problems_of("src/base/a.c")]
                self.assertEqual(found, wrong)

    def test_counts_of_tests(self):
        tool = load("run-tests")
        for code, text, wanted in COUNTS:
            with self.subTest(text, code=code):
                self.assertEqual(tool.counts(code, text), wanted)

    def test_programs_that_hang_or_need_another_first(self):
        tool = load("run-tests")
        with tempfile.TemporaryDirectory() as logs, contextlib.redirect_stdout(io.StringIO()) as said:
            made = os.path.join(logs, "made")
            jobs = [tool.Job("vm", "user", ["test", "-e", made], logs=logs, priority=9),
                    tool.Job("vm", "maker", ["sh", "-c", "sleep 0.3; touch '%s'" % made], logs=logs, first=True),
                    tool.Job("cli", "hangs", ["sleep", "1000"], logs=logs, limit=0.3)]
            total, failed = tool.run_all(jobs, dict(os.environ))
            self.assertEqual(total, [2, 1, 0], said.getvalue())
            self.assertIn("killed after", said.getvalue())
            said.truncate(0)
            tool.repeat_failures(failed)
            self.assertRegex(said.getvalue(), r"failed: cli hangs\n(.*\n)*.*killed after")

    def test_names(self):
        check = load("check-names")
        with tempfile.TemporaryDirectory() as check.ROOT:
            for path, content in NAMES.items():
                os.makedirs(os.path.join(check.ROOT, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(check.ROOT, path), "w", encoding="utf-8") as f:
                    f.write(content)
            self.assertEqual([(rule, name) for rule, name, _ in check.problems()],
                             [("file", "twice.c"), ("prefix", "two"), ("prefix", "table"), ("use", "one_unused")])

    def test_tests_begin_with_no_signal_ignored_and_are_ended(self):
        with tempfile.TemporaryDirectory() as logs:
            out = pathlib.Path(logs, "cli-hangs.out")
            where = os.path.join(ROOT, "tests", "cli")
            with subprocess.Popen([sys.executable, "-B", "-c", HANGS, logs], cwd=where) as p:
                end = time.monotonic() + 60
                while not out.exists() or not out.read_text().endswith("ready\n"):
                    self.assertLess(time.monotonic(), end)
                    time.sleep(0.05)
                p.send_signal(signal.SIGTERM)
                self.assertEqual(p.wait(60), 128 + signal.SIGTERM)
            _, ignored, pid, _ = out.read_text().split()
        self.assertEqual(int(ignored, 16) & 0b111, 0)
        with self.assertRaises(ProcessLookupError):
            while time.monotonic() < end:
                os.kill(int(pid), 0)
                time.sleep(0.05)

    def test_commits_of_a_repository(self):
        with tempfile.TemporaryDirectory() as top:
            def git(*args):
                subprocess.run(["git", "-C", top, "-c", "user.name=a", "-c", "user.email=a@example.test", *args],
                               check=True,
                               stdout=subprocess.DEVNULL)

            def check():
                done = subprocess.run([os.path.join(ROOT, "tools", "check-commits"), "HEAD"], cwd=top, text=True,
                                      stdout=subprocess.PIPE, check=False)
                return done.returncode, done.stdout.splitlines()[-1]
            git("init", "-q")
            self.assertEqual(check(), (77, "0 commits, 0 problems"))
            git("commit", "-q", "--allow-empty", "-m", MESSAGES[0][0])
            self.assertEqual(check(), (0, "1 commits, 0 problems"))
            git("commit", "-q", "--allow-empty", "-m", "wip")
            self.assertEqual(check(), (1, "2 commits, 2 problems"))

    def test_a_cross_file_needs_a_compiler(self):
        done = subprocess.run([os.path.join(ROOT, "tools", "cross-file"), "none-linux-gnu"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (127, ""))
        self.assertIn("none-linux-gnu-gcc", done.stderr)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
