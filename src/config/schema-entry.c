/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of an entry of onboot, onshutdown and services, most of which may also be in an image's
 * label. */
#include "base/str.h"
#include "config/schema.h"
#include "config/values.h"

static const struct key id_mapping_keys[] = {
	{"containerID", KEY_NUMBER, KEY_ALWAYS, "first id inside", .max = UINT32_MAX},
	{"hostID", KEY_NUMBER, KEY_ALWAYS, "first id outside", .max = UINT32_MAX},
	{"size", KEY_NUMBER, KEY_ALWAYS, "how many", .max = UINT32_MAX},
};
static const struct key_map id_mapping_map = KEY_MAP_OF("id-mapping", id_mapping_keys);

/* LinuxKit's YAML writer writes all keys of a mount. */
#define MOUNT_FLAGS (KEY_EMPTY_IS_NONE | KEY_ALWAYS_IN_YAML)

static const struct key mount_keys[] = {
	{"destination", KEY_TEXT, KEY_ALWAYS, "where, in the container (default: from the type)"},
	{"type", KEY_TEXT, MOUNT_FLAGS, "of the file system (default: from source or destination)"},
	{"source", KEY_TEXT, MOUNT_FLAGS, "device, directory, or a name (default: the type)"},
	{"options", KEY_TEXT, KEY_LIST | MOUNT_FLAGS, "of the mount"},
	{"uidmappings", KEY_MAP, KEY_LIST | MOUNT_FLAGS, "users of an idmapped mount",
		.map = &id_mapping_map, .spec_name = "uidMappings"},
	{"gidmappings", KEY_MAP, KEY_LIST | MOUNT_FLAGS, "groups of an idmapped mount",
		.map = &id_mapping_map, .spec_name = "gidMappings"},
};
static const struct key_map mount_map = {
	.name = "mount", .keys = mount_keys, .n = ARRAY_SIZE(mount_keys), .check = check_mount};
/* Those of `runtime` are done in the order given. */
static const struct key_map runtime_mount_map = KEY_MAP_OF("runtime-mount", mount_keys);

static const char *const device_types[] = {"a", "b", "c", "p", "u", NULL};

static const struct key device_keys[] = {
	{"path", KEY_TEXT, KEY_REQUIRED | KEY_NOT_EMPTY | KEY_ALWAYS,
		"in the container; all: every device"},
	{"type", KEY_TEXT, KEY_REQUIRED | KEY_ALWAYS,
		"b (block), c or u (character), p (fifo), a (any)", .values = device_types},
	{"major", KEY_NUMBER, KEY_ALWAYS, "number of the driver", .min = INT64_MIN},
	{"minor", KEY_NUMBER, KEY_ALWAYS, "number of the device", .min = INT64_MIN},
	{"mode", KEY_TEXT, KEY_EMPTY_IS_NONE, "permissions, octal, in quotes", .form = &form_mode},
};
static const struct key_map device_map = KEY_MAP_OF("device", device_keys);

static const struct key interface_keys[] = {
	{"name", KEY_TEXT, KEY_EMPTY_IS_NONE, "in the container"},
	{"add", KEY_TEXT, KEY_EMPTY_IS_NONE, "make one of this link type; veth: a pair"},
	{"peer", KEY_TEXT, KEY_EMPTY_IS_NONE, "the other end of a veth pair"},
	{"createInRoot", KEY_BOOL, KEY_ALWAYS, "make it outside and move it in"},
};
static const struct key_map interface_map = KEY_MAP_OF("interface", interface_keys);

static const struct key bind_ns_keys[] = {
	{"cgroup", KEY_TEXT, 0, "file that keeps the cgroup namespace"},
	{"ipc", KEY_TEXT, 0, "file that keeps the IPC namespace"},
	{"mnt", KEY_TEXT, 0, "file that keeps the mount namespace"},
	{"net", KEY_TEXT, 0, "file that keeps the network namespace"},
	{"pid", KEY_TEXT, 0, "file that keeps the PID namespace"},
	{"user", KEY_TEXT, 0, "file that keeps the user namespace"},
	{"uts", KEY_TEXT, 0, "file that keeps the UTS namespace"},
};
static const struct key_map bind_ns_map = KEY_MAP_OF("bindNS", bind_ns_keys);

static const struct key runtime_keys[] = {
	{"cgroups", KEY_TEXT, KEY_LIST, "cgroups that are made"},
	{"mounts", KEY_MAP, KEY_LIST, "mounts outside of the container", .map = &runtime_mount_map},
	{"mkdir", KEY_TEXT, KEY_LIST, "directories that are made"},
	{"interfaces", KEY_MAP, KEY_LIST, "network interfaces of the container",
		.map = &interface_map},
	{"bindNS", KEY_MAP, KEY_EMPTY_IS_NONE | KEY_ALWAYS_IN_JSON,
		"namespaces that outlive the container", .map = &bind_ns_map},
	{"namespace", KEY_TEXT, 0, "containerd's namespace for it"},
};
static const struct key_map runtime_map = KEY_MAP_OF("runtime", runtime_keys);

static const char *const propagations[] = {"", "shared", "slave", "private", "unbindable",
	"rshared", "rslave", "rprivate", "runbindable", NULL};

static const struct key entry_keys[] = {
	{"name", KEY_TEXT, KEY_REQUIRED | KEY_NOT_EMPTY | KEY_ENTRY_ONLY, "its name",
		.form = &form_name},
	{"image", KEY_TEXT, KEY_REQUIRED | KEY_NOT_EMPTY | KEY_ENTRY_ONLY, "the image it runs",
		.form = &form_image},
	{"command", KEY_TEXT, KEY_LIST, "program and arguments (default: the image's)"},
	{"env", KEY_TEXT, KEY_LIST, "environment: NAME=value (default: the image's)",
		.form = &form_env},
	{"env.add", KEY_TEXT, KEY_LIST,
		"more variables than that; one of the same name is replaced (not in LinuxKit)",
		.form = &form_env},
	{"cwd", KEY_TEXT, KEY_EMPTY_IS_NONE,
		"directory it starts in (default: the image's, else /)"},
	{"uid", KEY_ID, 0,
		"user it runs as: a number, or the name of an entry (default: the image's)"},
	{"gid", KEY_ID, 0,
		"group it runs as: a number, or the name of an entry (default: the image's)"},
	{"additionalGids", KEY_ID, KEY_LIST, "further groups (default: those of the image's user)"},
	{"readonly", KEY_BOOL, 0, "its root can't be written to"},
	{"capabilities", KEY_TEXT, KEY_LIST,
		"privileges: CAP_..., or docker (Docker's 14), all, none",
		.form = &form_capability},
	{"capabilities.add", KEY_TEXT, KEY_LIST, "more privileges than the image's label gives",
		.form = &form_capability},
	{"ambient", KEY_TEXT, KEY_LIST, "privileges that programs it starts keep",
		.form = &form_capability},
	{"noNewPrivileges", KEY_BOOL, 0,
		"set-user-id programs gain nothing (default: true, unless the image has such "
		"programs, or with all capabilities)"},
	{"binds", KEY_TEXT, KEY_LIST, "directories from outside: source:destination[:options]",
		.form = &form_bind},
	{"binds.add", KEY_TEXT, KEY_LIST, "more binds than the image's label gives",
		.form = &form_bind},
	{"mounts", KEY_MAP, KEY_LIST, "mounts in the container", .map = &mount_map},
	{"tmpfs", KEY_TEXT, KEY_LIST, "directories in memory: destination[:options]",
		.form = &form_tmpfs},
	{"devices", KEY_MAP, KEY_LIST, "devices it may use", .map = &device_map},
	{"net", KEY_TEXT, KEY_EMPTY_IS_NONE,
		"network namespace: host, none, new, or a path (default: host)",
		.form = &form_namespace},
	{"pid", KEY_TEXT, KEY_EMPTY_IS_NONE, "PID namespace: host, new, or a path (default: new)",
		.form = &form_namespace},
	{"ipc", KEY_TEXT, KEY_EMPTY_IS_NONE,
		"IPC namespace: host, new, or a path (default: new; host with all capabilities)",
		.form = &form_namespace},
	{"uts", KEY_TEXT, KEY_EMPTY_IS_NONE,
		"host name's namespace: host, new, or a path (default: new; host with all "
		"capabilities)",
		.form = &form_namespace},
	{"userns", KEY_TEXT, KEY_EMPTY_IS_NONE,
		"user namespace: host, new, or a path (default: host)", .form = &form_namespace},
	{"uidMappings", KEY_MAP, KEY_LIST, "users of the user namespace", .map = &id_mapping_map},
	{"gidMappings", KEY_MAP, KEY_LIST, "groups of the user namespace", .map = &id_mapping_map},
	{"hostname", KEY_TEXT, KEY_EMPTY_IS_NONE, "of its UTS namespace"},
	{"rootfsPropagation", KEY_TEXT, 0, "how mounts spread", .values = propagations},
	{"maskedPaths", KEY_TEXT, KEY_LIST,
		"paths that it does not see (default: as Docker, unless it has all capabilities)"},
	{"readonlyPaths", KEY_TEXT, KEY_LIST,
		"paths that it can't write to (default: as Docker, unless it has all "
		"capabilities)"},
	{"sysctl", KEY_TEXT_MAP, 0, "kernel settings of its namespaces"},
	{"rlimits", KEY_TEXT, KEY_LIST, "limits: name,soft,hard", .form = &form_rlimit},
	{"oomScoreAdj", KEY_NUMBER, 0, "how early it is killed when memory is short",
		.min = INT32_MIN, .max = INT32_MAX, .form = &form_oom_score},
	{"resources", KEY_MAP, 0, "limits of its cgroup", .map = &schema_resources},
	{"cgroupsPath", KEY_TEXT, 0, "its cgroup"},
	{"annotations", KEY_TEXT_MAP, 0, "notes for the runtime"},
	{"runtime", KEY_MAP, 0, "what is prepared around it", .map = &runtime_map},
	{"arches", KEY_TEXT, KEY_LIST | KEY_ENTRY_ONLY,
		"only for these architectures (not in LinuxKit)", .form = &form_platform},
	{"wherry", KEY_MAP, 0, "how the supervisor keeps it (not in LinuxKit)",
		.map = &schema_wherry},
};
const struct key_map schema_entry = {.name = "entry",
	.keys = entry_keys,
	.n = ARRAY_SIZE(entry_keys),
	.check = check_capabilities,
	.is_entry = true};
