#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""wherry schema: an independent validator takes with it what wherry takes, and refuses what is wrong in form."""
import glob
import json
import os
import re
import unittest

import jsonschema
import yaml

from harness import ROOT, Case, examples, main

CASES = os.path.join(ROOT, "tests", "compat", "cases")


class Loader(yaml.SafeLoader):
    """The language's scalars: yes and on are text, a date is text, and 0o17 is a number."""
    yaml_implicit_resolvers = {}


def scalars(tag, pattern, first):
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile("^(?:%s)$" % pattern), list(first))


scalars("bool", "true|True|TRUE|false|False|FALSE", "tTfF")
scalars("null", "~|null|Null|NULL|", ["~", "n", "N", ""])
scalars("int", "[-+]?(0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*)", "-+0123456789")
scalars("float", r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?", "-+.0123456789")
scalars("merge", "<<", "<")
Loader.add_constructor("tag:yaml.org,2002:binary", lambda loader, node: "bytes")

NETWORK = "network: {interfaces: [{name: eth0, %s}]}"
SERVICE = "services: [{name: a, image: i, %s}]"
GOOD = [
    "", "---\n", "variables: {A: x, B: 1, C: true, D: 1.5}\ninclude: []", "kernel: {image: k, tar: none}",
    "trust: {org: [x]}", "init: ['@pkg:../init']",
    "files: [{path: a, contents: '', mode: '0644', uid: web}]",
    SERVICE % "capabilities: [ALL]", SERVICE % "capabilities: [CAP_CHOWN, CAP_BPF]",
    SERVICE % "binds: ['/a:/b', '/a:/b:ro']",
    SERVICE % "net: /run/netns/x", SERVICE % "pid: ''", SERVICE % "uid: 0x10", SERVICE % "uid: nobody",
    SERVICE % "rlimits: ['RLIMIT_NOFILE,1,unlimited']",
    SERVICE % "resources: {memory: {swappiness: 18446744073709551615}}",
    SERVICE % "oomScoreAdj: 5.0", SERVICE % "hostname: yes", SERVICE % "<<: {cwd: /}, readonly: TRUE",
    "components: wherry", "network: {}", NETWORK % "mtu: 0x5dc, addresses: ['2001:DB8::1/064', 10.0.0.1/8]",
    NETWORK % "routes: [{to: default, via: 10.0.0.1, on-link: TRUE}]", NETWORK % "match: {driver: x}, accept-ra: false",
    NETWORK % "bridge: {interfaces: []}",
    "network: {interfaces: [{name: '1.5'}], dns: {servers: ['::1'], search: [a.b]}}",
    SERVICE % "wherry: {restart: on-failure, health: {tcp: 80}, stop-signal: term, timeout: 1m30s, log: {size: 64K}}",
]
BAD = [
    "[]", "text", "variables: [A]", "variables: {A: [x]}", "include: a.yml", "include: ['']", "kernal: {}",
    "kernel: [k]", "init: k", "init: [1]", "services: {}",
    "services: [{name: a}]", "services: [{image: i}]", "files: [{path: a}]", "files: [{contents: a}]",
    "files: [{path: a, contents: x, mode: 0644}]", "files: [{path: a, contents: x, mode: '0o644'}]",
    "files: [{path: a, contents: x, mode: 'u+r'}]", "files: [{path: a, metadata: xml}]",
    "files: [{path: a, contents: 1}]",
    "files: [{path: a, contents: x, uid: -1}]", "files: [{path: a, contents: x, uid: 4294967296}]",
    SERVICE % "comand: [x]", SERVICE % "command: x", SERVICE % "env: [1]", SERVICE % "readonly: yes",
    SERVICE % "capabilities: [CAP_FLY]", SERVICE % "capabilities: [cap_chown]", SERVICE % "binds: [/a]",
    SERVICE % "binds: ['a:b:c:d']", SERVICE % "tmpfs: ['/a:b:c']", SERVICE % "net: hots",
    SERVICE % "rlimits: ['nofile,1']",
    SERVICE % "rlimits: ['nofile,-1,2']", SERVICE % "oomScoreAdj: 1.5", SERVICE % "sysctl: {a: 1}",
    SERVICE % "resources: {cpu: {shares: -1}}", SERVICE % "resources: {memry: {}}",
    SERVICE % "devices: [{path: /dev/x}]",
    SERVICE % "devices: [{path: /dev/x, type: d}]", SERVICE % "rootfsPropagation: sharde", SERVICE % "uid: [1]",
    SERVICE % "runtime: {bindNS: {nett: x}}", SERVICE % "wherry: {restart: maybe}", SERVICE % "wherry: {health: {}}",
    SERVICE % "wherry: {timeout: 5 parsecs}", SERVICE % "wherry: {log: {}}",
    "components: Wherry", "components: [wherry]", "network: []", "network: {interface: []}",
    "network: {interfaces: [{}]}", "network: {interfaces: [eth0]}", "network: {dns: {servers: 1.1.1.1}}",
    *["network: {interfaces: [{name: %s}]}" % name
      for name in ("all", "default", "bonding_masters", ".", "..", "-a", "'a:b'", "sixteen-letters-", "''")],
    NETWORK % "mtu: 67", NETWORK % "dhcp: yes", NETWORK % "addresses: [10.0.0.1]",
    NETWORK % "addresses: ['fe80::1%eth0/64']", NETWORK % "routes: [{to: 10.0.0.0/8, metric: 0}]",
    NETWORK % "match: {}", NETWORK % "match: {mac: 52-54-00-12-34-56}", NETWORK % "vlan: {id: 4095, link: a}",
    NETWORK % "bond: {interfaces: [a], mode: 3}", NETWORK % "MTU: 1500",
]


def text_of(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def status_of(case):
    """"ok" or "error": what is sane where LinuxKit is not."""
    sane = os.path.join(CASES, case, "sane", "status")
    return text_of(sane if os.path.exists(sane) else os.path.join(CASES, case, "expect", "status")).strip()


class Schema(Case):
    def setUp(self):
        super().setUp()
        self.text = self.ok("schema").out
        self.validator = jsonschema.Draft7Validator(json.loads(self.text))

    def problems(self, text):
        return [e.message for e in self.validator.iter_errors(yaml.load(text, Loader))]

    def check(self, text):
        """What wherry says about it; images and names of other entries do not count."""
        self.write("os.yml", text)
        return self.run_wherry("-q", "check", "os.yml")

    def test_it_is_a_schema(self):
        jsonschema.Draft7Validator.check_schema(json.loads(self.text))
        self.assertEqual(json.loads(self.text)["$schema"], "http://json-schema.org/draft-07/schema#")

    def test_every_reference_leads_somewhere(self):
        definitions = json.loads(self.text)["definitions"]
        found = set(re.findall(r'"\$ref": "#/definitions/([^"]+)"', self.text))
        self.assertEqual(found, set(definitions))

    def test_every_key_is_described(self):
        schema = json.loads(self.text)
        for name, where in [("configuration", schema), *schema["definitions"].items()]:
            for key, value in where["properties"].items():
                self.assertTrue(value.get("description"), name + "." + key)

    def test_same_bytes_each_time(self):
        self.assertEqual(self.ok("schema", env={"LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Tokyo"}).out, self.text)

    def test_examples_are_valid(self):
        found = examples()
        self.assertTrue(found)
        for path in found:
            self.assertEqual(self.problems(text_of(path)), [], path)

    def test_what_linuxkit_takes_is_valid(self):
        taken = 0
        for case in sorted(os.listdir(CASES)):
            if status_of(case) != "ok":
                continue
            for name in text_of(os.path.join(CASES, case, "args")).split():
                if name.endswith((".yml", ".yaml")) and not name.startswith("@"):
                    try:
                        text = text_of(os.path.join(CASES, case, name))
                        problems = self.problems(text.split("\n---\n")[0])
                    except (UnicodeDecodeError, yaml.YAMLError) as error:
                        problems = [str(error)]
                    self.assertEqual(problems, [], case)
                    taken += 1
        self.assertGreater(taken, 90)

    def test_what_linuxkit_refuses_by_its_schema_is_not(self):
        refused = 0
        for path in glob.glob(os.path.join(CASES, "*-schema-*", "os.yml")):
            if status_of(os.path.basename(os.path.dirname(path))) == "error":
                self.assertNotEqual(self.problems(text_of(path)), [], path)
                refused += 1
        self.assertGreater(refused, 4)

    def test_good(self):
        for text in GOOD:
            self.assertEqual(self.problems(text), [], text)

    def test_good_is_what_wherry_takes(self):
        for text in GOOD:
            if text and "@pkg" not in text:
                result = self.check(text.replace("nobody", "a").replace("web", "'0'"))
                self.assertEqual(result.code, 0, (text, result))

    def test_bad(self):
        for text in BAD:
            self.assertNotEqual(self.problems(text), [], text)

    def test_bad_is_what_wherry_refuses(self):
        for text in BAD:
            self.assertEqual(self.check(text).code, 1, text)


class BuildYml(Case):
    """The same of component packages."""
    def setUp(self):
        super().setUp()
        self.schema = json.loads(self.ok("schema", "--build-yml").out)

    def problems(self, text):
        return list(jsonschema.Draft7Validator(self.schema).iter_errors(yaml.load(text, Loader)))

    def test_it_is_a_schema_whose_references_lead_somewhere(self):
        jsonschema.Draft7Validator.check_schema(self.schema)
        found = set(re.findall(r'"\$ref": "#/definitions/([^"]+)"', json.dumps(self.schema)))
        self.assertEqual(found, set(self.schema["definitions"]))
        for where in [self.schema, *self.schema["definitions"].values()]:
            for key, value in where["properties"].items():
                self.assertTrue(value.get("description"), key)

    def test_our_packages_are_valid(self):
        found = glob.glob(os.path.join(ROOT, "pkg", "*", "build.yml"))
        self.assertTrue(found)
        for path in found:
            self.assertEqual(self.problems(text_of(path)), [], path)

    def test_what_it_refuses_is_refused(self):
        for text in ("org: x", "image: [x]", "image: x\nfiles: [{contents: x}]", "image: x\nfile: []",
                     "image: x\ndebian: {packages: [nginx], keep: [], suite: lenny}",
                     "image: x\nfiles: [{path: a, contents: b}]\nconfig: {comand: [/x]}",
                     "image: x\nfiles: [{path: a, contents: b}]\nconfig: {name: x}"):
            self.assertNotEqual(self.problems(text), [], text)
            self.write("p/build.yml", text + "\n")
            self.assertEqual(self.run_wherry("pkg", "show-tag", "p").code, 1, text)

    def test_the_reference_page_has_every_key(self):
        page = text_of(os.path.join(ROOT, "docs", "pkg.md"))
        page += "`package` `patches`"  # a row of that page has several keys
        own = [self.schema] + [d for name, d in self.schema["definitions"].items()
                               if name in ("build", "debian", "file", "source")]
        for where in own:
            for key in where["properties"]:
                self.assertIn("`%s" % key, page)


if __name__ == "__main__":
    main()
