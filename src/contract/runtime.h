/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of runtime.json, LinuxKit's file beside config.json (docs/runtime-json.md). All but
 * "wherry" are LinuxKit's; contract/wherry.h describes that one.
 */
#ifndef WHERRY_CONTRACT_RUNTIME_H
#define WHERRY_CONTRACT_RUNTIME_H

#define RUNTIME_CGROUPS    "cgroups"
#define RUNTIME_MOUNTS     "mounts"
#define RUNTIME_MKDIR      "mkdir"
#define RUNTIME_INTERFACES "interfaces"
#define RUNTIME_BIND_NS    "bindNS"
#define RUNTIME_NAMESPACE  "namespace"
#define RUNTIME_WHERRY     "wherry"

/* In each of "mounts". */
#define RUNTIME_MOUNT_DESTINATION "destination"
#define RUNTIME_MOUNT_TYPE        "type"
#define RUNTIME_MOUNT_SOURCE      "source"
#define RUNTIME_MOUNT_OPTIONS     "options"

/* In each of "interfaces". */
#define RUNTIME_INTERFACE_NAME    "name"
#define RUNTIME_INTERFACE_ADD     "add"
#define RUNTIME_INTERFACE_PEER    "peer"
#define RUNTIME_INTERFACE_IN_ROOT "createInRoot"

/*
 * "cgroup", "ipc", "mnt", "net", "pid", "user", "uts": the keys of "bindNS", and names in
 * /proc/PID/ns.
 */
enum { CONTRACT_NAMESPACES = 7 };
extern const char *const contract_namespaces[CONTRACT_NAMESPACES];

#endif
