/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of resources: runtime-spec config-linux.md "Control groups", named as in LinuxKit. */
#include "base/str.h"
#include "config/schema.h"

static const struct key memory_keys[] = {
	{"limit", KEY_NUMBER, 0, "memory, in bytes (-1: no limit)", .min = INT64_MIN},
	{"reservation", KEY_NUMBER, 0, "soft limit, in bytes", .min = INT64_MIN},
	{"swap", KEY_NUMBER, 0, "memory and swap together, in bytes", .min = INT64_MIN},
	{"kernel", KEY_NUMBER, 0, "kernel memory, in bytes", .min = INT64_MIN},
	{"kernelTCP", KEY_NUMBER, 0, "TCP buffers, in bytes", .min = INT64_MIN},
	{"swappiness", KEY_NUMBER, 0, "how readily pages go to swap", .max = UINT64_MAX},
	{"disableOOMKiller", KEY_BOOL, 0, "wait for memory instead of being killed"},
};
static const struct key_map memory_map = KEY_MAP_OF("memory", memory_keys);

static const struct key cpu_keys[] = {
	{"shares", KEY_NUMBER, 0, "weight among all", .max = UINT64_MAX},
	{"quota", KEY_NUMBER, 0, "time in each period, in microseconds", .min = INT64_MIN},
	{"period", KEY_NUMBER, 0, "length of a period, in microseconds", .max = UINT64_MAX},
	{"realtimeRuntime", KEY_NUMBER, 0, "realtime in each period, in microseconds",
		.min = INT64_MIN},
	{"realtimePeriod", KEY_NUMBER, 0, "length of a realtime period, in microseconds",
		.max = UINT64_MAX},
	{"cpus", KEY_TEXT, 0, "processors it may use, such as 0-2,7"},
	{"mems", KEY_TEXT, 0, "memory nodes it may use"},
};
static const struct key_map cpu_map = KEY_MAP_OF("cpu", cpu_keys);

static const struct key pids_keys[] = {
	{"limit", KEY_NUMBER, KEY_ZERO, "processes", .min = INT64_MIN},
};
static const struct key_map pids_map = KEY_MAP_OF("pids", pids_keys);

static const struct key weight_keys[] = {
	{"major", KEY_NUMBER, KEY_ZERO, "of the device", .min = INT64_MIN},
	{"minor", KEY_NUMBER, KEY_ZERO, "of the device", .min = INT64_MIN},
	{"weight", KEY_NUMBER, 0, "10 to 1000", .max = UINT16_MAX},
	{"leafWeight", KEY_NUMBER, 0, "10 to 1000", .max = UINT16_MAX},
};
static const struct key_map weight_map = KEY_MAP_OF("weight", weight_keys);

static const struct key throttle_keys[] = {
	{"major", KEY_NUMBER, KEY_ZERO, "of the device", .min = INT64_MIN},
	{"minor", KEY_NUMBER, KEY_ZERO, "of the device", .min = INT64_MIN},
	{"rate", KEY_NUMBER, KEY_ZERO, "bytes or operations in a second", .max = UINT64_MAX},
};
static const struct key_map throttle_map = KEY_MAP_OF("throttle", throttle_keys);

static const struct key blockio_keys[] = {
	{"weight", KEY_NUMBER, 0, "10 to 1000", .max = UINT16_MAX},
	{"leafWeight", KEY_NUMBER, 0, "10 to 1000", .max = UINT16_MAX},
	{"weightDevice", KEY_MAP, KEY_LIST, "weights of single devices", .map = &weight_map},
	{"throttleReadBpsDevice", KEY_MAP, KEY_LIST, "bytes read", .map = &throttle_map},
	{"throttleWriteBpsDevice", KEY_MAP, KEY_LIST, "bytes written", .map = &throttle_map},
	{"throttleReadIOPSDevice", KEY_MAP, KEY_LIST, "reads", .map = &throttle_map},
	{"throttleWriteIOPSDevice", KEY_MAP, KEY_LIST, "writes", .map = &throttle_map},
};
static const struct key_map blockio_map = KEY_MAP_OF("blockio", blockio_keys);

static const struct key hugepage_keys[] = {
	{"pageSize", KEY_SIZE, KEY_REQUIRED, "such as 2MB; a number counts MB"},
	{"limit", KEY_NUMBER, KEY_ZERO, "in bytes", .max = UINT64_MAX},
};
static const struct key_map hugepage_map = KEY_MAP_OF("hugepage", hugepage_keys);

static const struct key priority_keys[] = {
	{"name", KEY_TEXT, KEY_ZERO, "of the interface"},
	{"priority", KEY_NUMBER, KEY_ZERO, "of its traffic", .max = UINT32_MAX},
};
static const struct key_map priority_map = KEY_MAP_OF("priority", priority_keys);

static const struct key network_keys[] = {
	{"classID", KEY_NUMBER, 0, "class of the traffic", .max = UINT32_MAX},
	{"priorities", KEY_MAP, KEY_LIST, "of interfaces", .map = &priority_map},
};
static const struct key_map network_map = KEY_MAP_OF("network", network_keys);

static const struct key rule_keys[] = {
	{"allow", KEY_BOOL, 0, "allow it, or else deny it"},
	{"type", KEY_TEXT, 0, "c (character), b (block) or a (any)"},
	{"major", KEY_NUMBER, 0, "number of the driver (default: any)", .min = INT64_MIN},
	{"minor", KEY_NUMBER, 0, "number of the device (default: any)", .min = INT64_MIN},
	{"access", KEY_TEXT, 0, "r (read), w (write) and m (mknod)"},
};
static const struct key_map rule_map = KEY_MAP_OF("device-rule", rule_keys);

static const struct key resources_keys[] = {
	{"devices", KEY_MAP, KEY_LIST, "which devices it may use, in order", .map = &rule_map,
		.spec_name = ""},
	{"memory", KEY_MAP, 0, "memory and swap", .map = &memory_map},
	{"cpu", KEY_MAP, 0, "processor time", .map = &cpu_map},
	{"pids", KEY_MAP, 0, "number of processes", .map = &pids_map},
	{"blockio", KEY_MAP, 0, "disks", .map = &blockio_map, .spec_name = "blockIO"},
	{"hugepageLimits", KEY_MAP, KEY_LIST, "huge pages", .map = &hugepage_map},
	{"network", KEY_MAP, 0, "traffic", .map = &network_map},
};
const struct key_map schema_resources = KEY_MAP_OF("resources", resources_keys);
