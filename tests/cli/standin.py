#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What stands for each builder of Dockerfiles, and for `unshare`: it writes down how it was called.

STANDIN_LOG: the file for that, a line of JSON for each call. STANDIN_UNUSABLE: names that fail. STANDIN_RESULT: a
directory with what each makes: an OCI layout ARCH, archives ARCH.tar and ARCH-docker.tar. STANDIN_FAILS: a build fails,
with this. STANDIN_KEEP: a file of the context, which is copied to STANDIN_LOG.kept.
"""
import json
import os
import shutil
import sys


def text(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def main():
    name, args = os.path.basename(sys.argv[0]), sys.argv[1:]
    if name in os.environ.get("STANDIN_UNUSABLE", "").split():
        sys.exit(name + " has no daemon")
    if args[0] in ("--version", "version", "debug") or args[1:2] == ["version"]:
        return
    call = {"argv": [name, *args], "cwd": os.getcwd()}
    if os.path.exists("Dockerfile"):
        call["dockerfile"] = text("Dockerfile")
        call["files"] = sorted(os.path.relpath(os.path.join(d, f), "context")
                               for d, _, files in os.walk("context") for f in files)
        call["layouts"] = sorted(f for f in os.listdir() if f.startswith("image-"))
        if "STANDIN_KEEP" in os.environ:
            shutil.copy(os.path.join("context", os.environ["STANDIN_KEEP"]), os.environ["STANDIN_LOG"] + ".kept")
    with open(os.environ["STANDIN_LOG"], "a", encoding="utf-8") as f:
        f.write(json.dumps(call) + "\n")
    if name == "unshare" or args[0] == "unshare":
        args = args[1:]
        os.execvp(args[0], args)
    if "STANDIN_FAILS" in os.environ:
        print("first\nsecond", flush=True)
        sys.exit(os.environ["STANDIN_FAILS"])
    arch = "arm64" if any("linux/arm64" in a for a in args) else "amd64"
    if "save" in args:
        arch = text("arch")
    with open("arch", "w", encoding="ascii") as f:
        f.write(arch)
    made = os.path.join(os.environ["STANDIN_RESULT"], os.environ.get("STANDIN_ARCH", arch))
    if name == "buildah":
        shutil.copytree(made, "result")
    elif name == "docker":
        shutil.copy(made + "-docker.tar", "result.tar")
    else:
        shutil.copy(made + ".tar", "result.tar")


main()
