#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build every case and compare it with what LinuxKit made of it, by meaning.

  run_cases.py check                    all cases; fails on a difference, and on a deviation that is not written down
  run_cases.py record-sane -k 029       write sane/ of a case at a BUG: what Wherry does there, to be read and committed
  run_cases.py record --tool linuxkit DIR   write expect/ from another tool, for cases of your own

Each case runs through a link named linuxkit, which implies --compat.
"""
import argparse
import concurrent.futures
import functools
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

from case import Case, by_path, compare, tree_differences, tree_text

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PAGE = os.path.join(ROOT, "docs", "compatibility.md")
AT_ONCE = 2


def make_cache(tool, images, cache):
    """All images, by way of a tar of their layout."""
    layout = io.BytesIO()
    with tarfile.open(fileobj=layout, mode="w") as tar:
        for name in ("oci-layout", "index.json", "blobs"):
            tar.add(os.path.join(images, name), name)
    subprocess.run([tool, "cache", "import", "--cache", cache, "-"], input=layout.getvalue(), check=True,
                   capture_output=True,
                   env={**os.environ, "HOME": os.path.dirname(cache)})


def cases_in(directories, wanted):
    found = [os.path.join(os.path.abspath(directory), name) for directory in directories
             for name in os.listdir(directory)
             if re.match(r"\d{3}-", name)]
    return [path for path in sorted(found, key=os.path.basename)
            if not wanted or any(text in os.path.basename(path) for text in wanted)]


def written_down():
    """The cases that the page about compatibility names, each in the first column of a table."""
    with open(PAGE, encoding="utf-8") as f:
        return set(re.findall(r"^\| `(\d{3}-[^`]+)` \|", f.read(), re.M))


def problems_of(case, got, strict):
    found = compare(case.recorded(), got, strict)
    if case.deviates:
        if not case.is_bug:
            found.append("it has a directory sane/, but its note knows of no BUG")
        if not compare(case.recorded(sane=False), got, strict):
            found.append("it has a directory sane/, but the result is LinuxKit's")
        if case.name not in written_down():
            found.append("it deviates, and docs/compatibility.md does not say why")
        message = case.recorded().get("error.txt", "").strip()
        if got["status"] == "error\n" and message not in got["error.txt"]:
            found.append("the message is %r and lacks %r" % (got["error.txt"].strip(), message))
    elif case.name in written_down():
        found.append("docs/compatibility.md says that it deviates, but there is no directory sane/")
    return found


def write_files(directory, files):
    shutil.rmtree(directory, ignore_errors=True)
    for name, content in files.items():
        if name != "linked":
            path = os.path.join(directory, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(content)


def record_sane(case, got):
    """Only what differs by meaning; the rest stays LinuxKit's."""
    expected = case.recorded(sane=False)
    if not case.is_bug or not compare(expected, got):
        return
    shown = {"status": expected["status"], **{name: got[name] for name in got if name in ("status", "error.txt")}}
    for name in set(got) - set(shown) - {"linked"}:
        one = {"status": "ok\n", "tree.json": "[]", name: expected.get(name, "null")}
        if compare(one, {**one, name: got[name]}):
            shown[name] = closest_tree(expected, got) if name == "tree.json" else got[name]
    write_files(case.path("sane"), {name: text for name, text in shown.items() if text != expected.get(name)})


def closest_tree(expected, got):
    """The tree that came out, with LinuxKit's rows wherever they mean the same."""
    theirs, ours = by_path(expected), by_path(got)
    return tree_text({path: entry if path not in theirs or tree_differences({path: theirs[path]}, {path: entry})
                      else theirs[path] for path, entry in ours.items()})


def run_case(path, tool, cache, what, strict):
    """(name, deviates, problems); in a process of its own."""
    case = Case(path)
    got = case.run(tool, cache)
    if what == "record":
        write_files(case.path("expect"), got)
    elif what == "record-sane":
        record_sane(case, got)
    else:
        return case.name, case.deviates, problems_of(case, got, strict)
    return case.name, False, []


def report(results):
    """Print what is wrong and the count; whether all is well."""
    failed = deviating = 0
    for name, deviates, problems in results:
        if problems:
            failed += 1
            print("FAILED %s\n  %s" % (name, "\n  ".join(problems)))
        else:
            deviating += deviates
    print("%d cases: %d passed, %d deviate at a BUG%s" % (
        len(results), len(results) - failed - deviating, deviating, ", %d failed" % failed if failed else ""))
    return results and not failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["check", "record", "record-sane"])
    parser.add_argument("directories", nargs="*", default=[os.path.join(HERE, "cases")], help="directories of cases")
    parser.add_argument("--tool", default=os.environ.get("WHERRY", os.path.join(ROOT, "build", "src", "cli", "wherry")))
    parser.add_argument("--images", default=os.path.join(HERE, "images"))
    parser.add_argument("-k", action="append", default=[], help="only cases whose name has this in it")
    parser.add_argument("--strict", action="store_true",
                        help="also compare how often a path is there, where it came from, and generated files' bytes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="compat ") as top:
        tool, cache = os.path.join(top, "linuxkit"), os.path.join(top, "cache")
        os.symlink(os.path.abspath(options.tool), tool)
        make_cache(tool, options.images, cache)
        one = functools.partial(run_case, tool=tool, cache=cache, what=options.what, strict=options.strict)
        with concurrent.futures.ProcessPoolExecutor(AT_ONCE) as pool:
            results = list(pool.map(one, cases_in(options.directories, options.k)))
    if options.what == "check":
        return 0 if report(results) else 1
    print("%d cases recorded" % len(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
