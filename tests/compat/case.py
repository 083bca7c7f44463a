# SPDX-License-Identifier: Apache-2.0
"""One case: run the tool over it, reduce what comes out to comparable files, compare them with the recorded ones."""
import hashlib
import json
import os
import posixpath
import re
import shutil
import subprocess
import tempfile

from archives import describe, read_cpio, read_tar, split_initrd, text

TIME_LIMIT = 120
CLOSED_PORT = "http://127.0.0.1:9"
NOT_INPUT = ("expect", "sane", "note.md", "args", "stdin", "parsed")
KEPT = ("PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
KEYS = ("path", "type", "mode", "uid", "gid", "size", "sha256", "link", "devmajor", "devminor", "mtime", "mtime_frac",
        "n", "gen", "src", "loc", "pax")
STRICT_KEYS = {"n", "src", "loc"}
SAID_ELSEWHERE = ("status", "tree.json", "error.txt", "linked")
UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NO_UUID = b"00000000-0000-0000-0000-000000000000"


def canonical(value):
    return json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n"


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def parse(kind, data):
    if kind == "yaml":
        import yaml  # a package of its own, and only a few cases need it
        return yaml.safe_load(data.decode())
    return json.loads(UUID.sub(NO_UUID, data) if kind == "sbom" else data)


def try_parse(kind, data):
    try:
        return parse(kind, data)
    except Exception as error:  # whatever a parser raises, it is a difference
        return "not %s: %s" % (kind, error)


class Case:
    def __init__(self, directory):
        self.directory, self.name = directory, os.path.basename(directory)
        self.note = read(self.path("note.md"))
        self.is_bug = "BUG" in self.note

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def wants_parsed(self):
        if not os.path.exists(self.path("parsed")):
            return {}
        return dict(line.split() for line in read(self.path("parsed")).splitlines() if line.strip())

    def recorded(self, sane=True):
        """{file: text} of expect/, with the files of sane/ in their place where there are any."""
        files = {}
        for top in ("expect", "sane") if sane else ("expect",):
            for directory, _, names in os.walk(self.path(top)):
                for name in names:
                    path = os.path.join(directory, name)
                    files[os.path.relpath(path, self.path(top))] = read(path)
        return files

    @property
    def deviates(self):
        return os.path.isdir(self.path("sane"))

    def build(self, tool, cache, top):
        """(arguments, directory of outputs, what became of the process) of the tool's run in a copy of the case."""
        work, out, home = (os.path.join(top, name) for name in ("work", "out", "home"))
        shutil.copytree(self.directory, work, symlinks=True,
                        ignore=lambda where, _: NOT_INPUT if where == self.directory else ())
        os.mkdir(out)
        if os.path.isdir(os.path.join(work, "home")):
            home = os.path.join(work, "home")
        else:
            os.mkdir(home)
        args = [a.replace("@OUT@", out) for a in read(self.path("args")).split("\n") if a]
        given = b""
        if os.path.exists(self.path("stdin")):
            with open(self.path("stdin"), "rb") as f:
                given = f.read()
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        env.update(HOME=home, TZ="UTC", LC_ALL="C", LINUXKIT_MIRROR=CLOSED_PORT)
        return args, out, subprocess.run([tool, "build", "--cache", cache, *args], cwd=work, env=env, input=given,
                                         capture_output=True, timeout=TIME_LIMIT)

    def run(self, tool, cache):
        """{file: text}, as recorded() has them, of what the tool makes of it."""
        with tempfile.TemporaryDirectory(prefix="case ") as top:
            args, out, done = self.build(tool, cache, top)
            if done.returncode:
                said = (text(done.stdout) + "\n" + text(done.stderr)).replace(out, "@OUT@").replace(top, "@TMP@")
                crashed = done.returncode < 0 or "Sanitizer" in said
                return {"status": "crash\n" if crashed else "error\n", "error.txt": error_lines(said)}
            return result_files(Results(args, out, done.stdout, self.wants_parsed()))


def error_lines(said):
    """The lines of a failing tool's output that say what went wrong."""
    lines = [re.sub(r'^time="[^"]*" level=\w+ msg=', "Error: ", line) for line in said.split("\n")]
    for line in lines:
        if line.startswith(("panic:", "fatal error:")):
            return "(the tool crashed)\n%s\n" % line
    found, inside = [], False
    for line in lines:
        starts = line.startswith(("Error:", "The configuration", "The org."))
        inside = starts or inside and line.startswith(("- ", "  "))
        if inside:
            found.append(line)
    return "\n".join(found or [line for line in lines if line]).strip() + "\n"


# ---------------------------------------------------------------- results
class Results:
    """What a build wrote: the tree of its archive, the containers' files, the outputs."""

    def __init__(self, args, out, stdout, wanted):
        self.tree, self.outputs = None, {}
        self.config, self.runtime, self.parsed = {}, {}, {}
        archive = None
        if "-" in args and args[args.index("-") - 1] == "--o":
            archive = read_tar(stdout)
        if "--dry-run" in args:
            self.parsed["stdout"] = try_parse("yaml", stdout)
        for name in sorted(os.listdir(out)):
            with open(os.path.join(out, name), "rb") as f:
                archive = self.take_output(name, f.read()) or archive
        if archive is not None:
            self.take_tree(archive, wanted)

    def take_output(self, name, raw):
        """Note one output; its archive when it has one."""
        if name.endswith("-initrd.tar"):
            return self.take_initrd_tar(name, raw)
        if name.endswith(".img"):
            prefix, plain = split_initrd(raw)
            self.outputs[name] = {"kind": "initrd"}
            if prefix:
                self.outputs[name].update(prefix_size=len(prefix), prefix_sha256=hashlib.sha256(prefix).hexdigest())
            return read_cpio(plain)
        if name.endswith((".tar", ".docker")):
            self.outputs[name] = {"kind": "tar"}
            return read_tar(raw)
        self.outputs[name] = {}
        describe(self.outputs[name], raw)
        return None

    def take_initrd_tar(self, name, raw):
        archive = None
        for entry in read_tar(raw):
            about = {key: entry[key] for key in ("mode", "mtime") if key in entry}
            if entry["path"] == "initrd.img":
                archive = read_cpio(split_initrd(entry["_data"])[1])
            else:
                about.update(size=entry["size"], sha256=entry["sha256"])
            self.outputs["%s:%s" % (name, entry["path"])] = about
        return archive

    def take_tree(self, archive, wanted):
        self.tree = {}
        for entry in archive:  # the last entry of a path counts
            n = self.tree[entry["path"]]["n"] + 1 if entry["path"] in self.tree else 1
            self.tree[entry["path"]] = dict(entry, n=n)
        for path, entry in self.tree.items():
            if entry["type"] == "file":
                kind = self.take_generated(path, entry["_data"], wanted.get(path))
                if kind:
                    entry["gen"] = kind
                if kind == "sbom":
                    describe(entry, UUID.sub(NO_UUID, entry["_data"]))

    def take_generated(self, path, data, wanted):
        """What kind of generated file this is, if it is one."""
        directory, name = posixpath.split(path)
        if name in ("config.json", "runtime.json") and self.is_bundle(directory):
            kind = name[:-len(".json")]
            match = re.match(r"containers/((?:onboot|onshutdown|services)/.+)$", directory)
            key = match.group(1) if match else "_/" + directory.replace("/", "_")
            getattr(self, kind)[key] = try_parse("json", data)
            return kind
        if wanted:
            self.parsed[path.replace("/", "_")] = try_parse(wanted, data)
        return wanted

    def is_bundle(self, directory):
        return (directory + "/config.json" in self.tree and directory + "/runtime.json" in self.tree
                and not re.search(r"/(rootfs|lower)(/|$)", directory))


def tree_text(tree):
    rows = [json.dumps({key: tree[path][key] for key in KEYS if key in tree[path]}, ensure_ascii=False,
                       separators=(",", ":")) for path in sorted(tree)]
    return "[\n" + ",\n".join(rows) + "\n]\n"


def result_files(results):
    files = {"status": "ok\n"}
    if results.tree is not None:
        files["tree.json"] = tree_text(results.tree)
        files["linked"] = {path for path, entry in results.tree.items() if entry.get("linked")}
    for kind in ("config", "runtime", "parsed"):
        for name, value in getattr(results, kind).items():
            files["%s/%s.json" % (kind, name)] = canonical(value)
    if any(about.get("kind") != "tar" for about in results.outputs.values()):
        files["outputs.json"] = canonical(results.outputs)
    return files


# ---------------------------------------------------------------- compare
def compare(expected, got, strict=False):
    """The differences, in lines; none when the two mean the same."""
    if expected["status"] != got["status"]:
        return ["status: expected %s, got %s %s" % (expected["status"].strip(), got["status"].strip(),
                                                    got.get("error.txt", "").strip())]
    if expected["status"].strip() != "ok":
        return []
    found = []
    for name in sorted((set(expected) | set(got)) - set(SAID_ELSEWHERE)):
        if name not in got:
            found.append("missing: " + name)
        elif name not in expected:
            found.append("unexpected: " + name)
        else:
            found += ["%s %s" % (name, line) for line in
                      json_differences(json.loads(expected[name]), json.loads(got[name]))[:8]]
    return found + tree_differences(by_path(expected), by_path(got), got.get("linked", ()), strict)


def by_path(files):
    return {entry["path"]: entry for entry in json.loads(files.get("tree.json", "[]")) or []}


def tree_differences(a, b, linked=(), strict=False):
    found = []
    for path in sorted(set(a) | set(b)):
        if path not in b or path not in a:
            found.append("tree: %s %r" % ("missing" if path in a else "unexpected", path))
            continue
        skipped = set() if strict else set(STRICT_KEYS)
        if not strict and a[path].get("gen"):
            skipped |= {"size", "sha256"}
        if path in linked and is_same_by_link(a[path], b):
            continue
        found += ["tree: %r %s: expected %r, got %r" % (path, key, a[path].get(key), b[path].get(key))
                  for key in KEYS if key not in skipped and a[path].get(key) != b[path].get(key)]
    return found


def is_same_by_link(entry, tree):
    """LinuxKit makes a relative symlink of a hard link in an initrd; a real hard link is as good."""
    if entry["type"] != "symlink":
        return False
    path = entry["path"]
    to = posixpath.normpath(posixpath.join(posixpath.dirname(path), entry["link"]))
    return to in tree and tree[to].get("sha256") == tree[path]["sha256"] and entry["mode"] == tree[path]["mode"]


def json_differences(a, b, at=""):
    if isinstance(a, dict) and isinstance(b, dict):
        absent, found = "(absent)", []
        for key in sorted(set(a) | set(b)):
            if a.get(key, absent) != b.get(key, absent):
                found += json_differences(a.get(key, absent), b.get(key, absent), at + "/" + key)
        return found
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return sum((json_differences(x, y, "%s[%d]" % (at, i)) for i, (x, y) in enumerate(zip(a, b))), [])
    if a == b and type(a) is type(b):
        return []
    return ["%s: expected %s, got %s" % (at or "/", json.dumps(a)[:300], json.dumps(b)[:300])]
