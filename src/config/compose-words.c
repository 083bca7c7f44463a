/* SPDX-License-Identifier: Apache-2.0 */
#include "config/compose-words.h"

#include "base/mem.h"
#include "base/str.h"

#define ADDRESS "containers share the machine's network, so a program's port is the machine's; "

static const struct {
	const struct key_map *map;
	const char *key, *hint;
} words[] = {
	{&schema_entry, "build",
		"build the image first: see docs/pkg.md, or `wherry build --docker`"},
	{&schema_entry, "cap_add", "write: capabilities.add: [CAP_...]"},
	{&schema_entry, "cap_drop",
		"without 'capabilities' there are none; write the ones that are needed: "
		"capabilities: [CAP_...]"},
	{&schema_entry, "cgroup_parent", "write: cgroupsPath: PATH"},
	{&schema_entry, "cmd", "write: command: [PROGRAM, ARGUMENT]"},
	{&schema_entry, "configs",
		"put the file into the OS with 'files' at the top, and bind it: "
		"binds: [\"/etc/x:/etc/x:ro\"]"},
	{&schema_entry, "container_name", "write: name: NAME"},
	{&schema_entry, "cpus",
		"write: resources: {cpu: {quota: 50000, period: 100000}} for half of a processor"},
	{&schema_entry, "cpuset", "write: resources: {cpu: {cpus: \"0-2\"}}"},
	{&schema_entry, "depends_on", "write: wherry: {after: [NAME]}"},
	{&schema_entry, "deploy",
		"limits are under 'resources': resources: {memory: {limit: BYTES}}"},
	{&schema_entry, "dns",
		"names are looked up as on the machine; for other servers bind a "
		"file: binds: [\"/etc/my-resolv.conf:/etc/resolv.conf:ro\"]"},
	{&schema_entry, "domainname", "write: hostname: NAME"},
	{&schema_entry, "entrypoint",
		"'command' is the program with all its arguments, and replaces "
		"the image's entrypoint as well"},
	{&schema_entry, "env_file", "write the variables themselves: env.add: [\"NAME=value\"]"},
	{&schema_entry, "environment", "write a list: env.add: [\"NAME=value\"]"},
	{&schema_entry, "expose", ADDRESS "leave it out"},
	{&schema_entry, "extra_hosts",
		"put a file into the OS with 'files' at the top, and bind it: "
		"binds: [\"/etc/my-hosts:/etc/hosts:ro\"]"},
	{&schema_entry, "group_add", "write: additionalGids: [NUMBER]"},
	{&schema_entry, "healthcheck",
		"write: wherry: {health: {command: [PROGRAM]}}, or tcp, or http"},
	{&schema_entry, "init", "leave it out: the supervisor collects what ends"},
	{&schema_entry, "labels", "write: annotations: {NAME: value}"},
	{&schema_entry, "links",
		"containers share the machine's network: another service is at "
		"127.0.0.1; for the order write: wherry: {after: [NAME]}"},
	{&schema_entry, "logging", "write: wherry: {log: {size: 256K}}"},
	{&schema_entry, "mem_limit", "write: resources: {memory: {limit: BYTES}}"},
	{&schema_entry, "memory", "write: resources: {memory: {limit: BYTES}}"},
	{&schema_entry, "network_mode",
		"write: net: host, none, new, or a path; host is the default"},
	{&schema_entry, "networks",
		ADDRESS "for a network of its own write: net: new, with "
			"'interfaces' under 'runtime'"},
	{&schema_entry, "pids_limit", "write: resources: {pids: {limit: NUMBER}}"},
	{&schema_entry, "platform", "write: arches: [arm64]"},
	{&schema_entry, "port", ADDRESS "`wherry run qemu --publish` brings it to this one"},
	{&schema_entry, "ports", ADDRESS "`wherry run qemu --publish` brings it to this one"},
	{&schema_entry, "privileged",
		"write what it needs of: capabilities: [all], "
		"devices: [{path: all, type: a}], binds"},
	{&schema_entry, "profiles",
		"there are none; put the entry into a YAML file of its own, and "
		"build with both"},
	{&schema_entry, "pull_policy", "`wherry build --pull` asks the registries again"},
	{&schema_entry, "read_only", "write: readonly: true"},
	{&schema_entry, "restart_policy", "write: wherry: {restart: always}, or on-failure"},
	{&schema_entry, "scale", "write one entry for each, with names of their own"},
	{&schema_entry, "secrets",
		"don't put secrets into an image: bind a directory that the "
		"machine gets them in: binds: [\"/run/secrets:/run/secrets:ro\"]"},
	{&schema_entry, "security_opt", "write: wherry: {seccomp: FILE}, or noNewPrivileges: true"},
	{&schema_entry, "shm_size",
		"write: mounts: [{type: tmpfs, destination: /dev/shm, "
		"options: [\"size=64m\"]}]"},
	{&schema_entry, "stdin_open", "standard input is /dev/null; leave it out"},
	{&schema_entry, "stop_grace_period", "write: wherry: {stop-timeout: 10s}"},
	{&schema_entry, "stop_signal", "write: wherry: {stop-signal: SIGTERM}"},
	{&schema_entry, "sysctls", "write: sysctl: {NAME: value}"},
	{&schema_entry, "tty", "there is no terminal; leave it out"},
	{&schema_entry, "ulimits", "write: rlimits: [\"nofile,1024,4096\"]"},
	{&schema_entry, "user",
		"write numbers: uid: 33 and gid: 33; without them the image's user "
		"counts"},
	{&schema_entry, "userns_mode", "write: wherry: {userns: auto}, or host"},
	{&schema_entry, "volumes",
		"write: binds: [\"/var/data:/data\"]; a name as the source is one "
		"of 'volumes' at the top"},
	{&schema_entry, "workdir", "write: cwd: PATH"},
	{&schema_entry, "working_dir", "write: cwd: PATH"},
	{&schema_file, "configs", "write 'files', and bind them into the containers"},
	{&schema_file, "name",
		"outputs are named after the file; `wherry build --name` changes it"},
	{&schema_file, "networks", ADDRESS "leave it out"},
	{&schema_file, "secrets", "don't put secrets into an image; see 'binds' of an entry"},
	{&schema_file, "version", "leave it out: the language has no versions"},
};

const char *compose_word_hint(const struct key_map *map, const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].map == map && str_eq(words[i].key, key))
			return words[i].hint;
	return NULL;
}
