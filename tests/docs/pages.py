# SPDX-License-Identifier: Apache-2.0
"""What a page of the documentation tells its readers to type: files and commands, in their order.

A block is code that is indented by four spaces, or fenced. It is a file if the paragraph before it ends with its name
(`hello/build.yml`:). Otherwise the lines that begin with one of the
programs in PROGRAMS are commands; what follows two spaces and '#' is a remark, and after curl the expected answer.
"""
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = ("wherry", "linuxkit", "sudo", "make", "meson", "apt-get", "podman", "docker", "git", "curl", "mkdir",
            "ln", "cd", "sed", "tar", "truncate", "/sbin/mkfs.ext4", "mkfs.ext4", "mkfs.erofs", "export", "tools/.*",
            "sh", "bash", "wget", "sha256sum", "ls", "cat", "echo", "touch", "cp", "man", "source", "unshare",
            "openssl", "poweroff", "service (list|logs|exec|boot|top|start|stop|restart)")
COMMAND = re.compile("(%s)( |$)" % "|".join(PROGRAMS))
FILE = re.compile(r"`([\w-][\w.-]*(?:/[\w./-]+|\.\w+))`:$")


class Step:
    """A file to write (`name` and `text`), or a command to type (`text`, and the `remark` behind it)."""

    def __init__(self, line, text, name=None, remark=""):
        self.line, self.text, self.name, self.remark = line, text, name, remark

    def __repr__(self):
        return "line %d: %s" % (self.line, self.name or self.text)


def blocks(text):
    """(number of the first line, lines, whether it is fenced, the paragraph before) of each block of code."""
    paragraph, block, fenced, ended = "", [], False, False
    for number, line in enumerate(text.splitlines() + [""], 1):
        fence = line.startswith("```")
        inside = fenced and not fence or not fenced and (line.startswith("    ") or bool(block) and not line)
        if inside:
            start = start if block else number
            block.append(line if fenced else line[4:])
        elif block:
            yield start, block, fenced, paragraph
            paragraph, block = "", []
        fenced = fenced != fence
        if not inside and not fence:
            paragraph = line if ended or line.startswith("#") else paragraph + " " + line if line else paragraph
            ended = not line
    if block:
        yield start, block, fenced, paragraph


def split_remark(line):
    command, remark = re.fullmatch(r"(.*?)(?:  +# ?(.*))?", line).groups()
    return command.rstrip(), remark or ""


def steps(text):
    for start, lines, fence, paragraph in blocks(text):
        name = FILE.search(paragraph.rstrip())
        if name:
            yield Step(start, "\n".join(lines).rstrip("\n") + "\n", name=name.group(1))
            continue
        if fence:
            continue
        for number, line in enumerate(lines, start):
            if COMMAND.match(line):
                yield Step(number, *split_remark(line)[:1], remark=split_remark(line)[1])


def read(page):
    with open(os.path.join(ROOT, page), encoding="utf-8") as f:
        return f.read()


def sections(text):
    """(title, steps) below each heading that has some."""
    for heading, body in re.findall(r"^#+ (.*)\n((?:(?!#+ ).*\n)*)", text, re.M):
        found = list(steps(body))
        if found:
            yield heading, found
