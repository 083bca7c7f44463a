/* SPDX-License-Identifier: Apache-2.0 */
#include "config/seccomp.h"

#include <errno.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"

/* sched.h's CLONE_NEW... of all kinds; those in the lowest byte can't be given to clone(). */
static const uint64_t namespace_flags[] = {
	0x00020000, /* mount */
	0x02000000, /* cgroup */
	0x04000000, /* uts */
	0x08000000, /* ipc */
	0x10000000, /* user */
	0x20000000, /* pid */
	0x40000000, /* net */
};
enum {
	ALL_NAMESPACE_FLAGS = 0x7e020000,
	CAP_SYS_ADMIN_BIT = 21,
	ENOSYS_LINUX = 38,
	EPERM_LINUX = 1
};

/* Linux, 32 bits, 4.x's behaviour, and asking; not: addresses that can be foreseen, memory that is
 * executed unasked. */
static const uint64_t personalities[] = {0x0, 0x8, 0x20000, 0x20008, 0xffffffff};

/* libseccomp's names of what runs on an architecture; what is not here is the machine's own only.
 */
static const struct {
	const char *arch, *names[3];
} architectures[] = {
	{"amd64", {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", NULL}},
	{"arm64", {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", NULL}},
};

static void write_architectures(struct json_writer *w, const char *arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(architectures); i++) {
		if (!str_eq(architectures[i].arch, arch))
			continue;
		json_key(w, "architectures");
		json_open_array(w);
		for (const char *const *name = architectures[i].names; *name; name++)
			json_string(w, *name);
		json_close_array(w);
	}
}

/* The beginning of a rule. */
static void open_rule(struct json_writer *w)
{
	json_open_object(w);
	json_key(w, "names");
	json_open_array(w);
}

/* Its end, behind the names; args are to follow, or the end of the object. */
static void write_action(struct json_writer *w, bool allow)
{
	json_close_array(w);
	json_key_string(w, "action", allow ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO");
	if (!allow)
		json_key_u64(w, "errnoRet", EPERM_LINUX);
}

static void write_names(struct json_writer *w, const char *calls)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	strv_split(&names, calls, ' ');
	STRV_FOREACH (name, &names)
		json_string(w, name);
}

static bool is_allowed(const struct seccomp_group *g, uint64_t capabilities)
{
	return g->action == SECCOMP_ALLOW ||
	       (g->action == SECCOMP_PRIVILEGE && (g->capabilities & capabilities));
}

static void write_groups(struct json_writer *w, uint64_t capabilities, bool allow)
{
	open_rule(w);
	for (size_t i = 0; i < seccomp_groups_n; i++)
		if (is_allowed(&seccomp_groups[i], capabilities) == allow)
			write_names(w, seccomp_groups[i].calls);
	write_action(w, allow);
	json_close_object(w);
}

/* A rule about one call for an argument that, with the mask, is the value. */
static void write_argument_rule(struct json_writer *w, const char *call, bool allow, unsigned index,
	uint64_t mask, uint64_t value)
{
	open_rule(w);
	json_string(w, call);
	write_action(w, allow);
	json_key(w, "args");
	json_open_array(w);
	json_open_object(w);
	json_key_u64(w, "index", index);
	json_key_u64(w, "value", mask ? mask : value);
	if (mask)
		json_key_u64(w, "valueTwo", value);
	json_key_string(w, "op", mask ? "SCMP_CMP_MASKED_EQ" : "SCMP_CMP_EQ");
	json_close_object(w);
	json_close_array(w);
	json_close_object(w);
}

/*
 * clone makes processes and threads, and, for whoever may, namespaces. clone3 has its flags in
 * memory, where no filter can look: for others it is not there, so that the C library takes clone.
 */
static void write_clone(struct json_writer *w, const char *arch, uint64_t capabilities)
{
	unsigned flags = str_eq(arch, "s390x") ? 1 : 0; /* the argument's place: clone(2) */

	if (capabilities & UINT64_C(1) << CAP_SYS_ADMIN_BIT) {
		open_rule(w);
		json_string(w, "clone");
		json_string(w, "clone3");
		write_action(w, true);
		json_close_object(w);
		return;
	}
	write_argument_rule(w, "clone", true, flags, ALL_NAMESPACE_FLAGS, 0);
	for (size_t i = 0; i < ARRAY_SIZE(namespace_flags); i++)
		write_argument_rule(
			w, "clone", false, flags, namespace_flags[i], namespace_flags[i]);
}

/*
 * All families up to 63 but AF_ALG (38), the kernel's ciphers, and AF_VSOCK (40), which is outside
 * of all namespaces. The kernel looks at 32 bits, and so do the masks: a comparison would be with
 * 64. The two are unknown calls (ENOSYS): a rule that refuses them would contradict what libseccomp
 * makes of the others for socketcall.
 */
static void write_socket(struct json_writer *w)
{
	static const struct {
		uint64_t mask, value;
	} families[] = {{0xffffffe0, 0}, {0xfffffffc, 32}, {0xfffffffe, 36}, {0xffffffff, 39},
		{0xffffffff, 41}, {0xfffffffe, 42}, {0xfffffffc, 44}, {0xfffffff0, 48}};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		write_argument_rule(w, "socket", true, 0, families[i].mask, families[i].value);
}

void seccomp_write_default(struct json_writer *w, const char *arch, uint64_t capabilities)
{
	json_open_object(w);
	json_key_string(w, "defaultAction", "SCMP_ACT_ERRNO");
	json_key_u64(w, "defaultErrnoRet", ENOSYS_LINUX);
	write_architectures(w, arch);
	json_key(w, "syscalls");
	json_open_array(w);
	write_groups(w, capabilities, true);
	/*
	 * libseccomp makes rules for socketcall of them; that it is refused as a whole has to come
	 * later.
	 */
	write_socket(w);
	write_groups(w, capabilities, false);
	write_clone(w, arch, capabilities);
	for (size_t i = 0; i < ARRAY_SIZE(personalities); i++)
		write_argument_rule(w, "personality", true, 0, 0, personalities[i]);
	json_close_array(w);
	json_close_object(w);
}

bool seccomp_is_file(const char *text)
{
	return !str_eq(text, "default") && !str_eq(text, "none");
}

/* ---- profiles in files ---- */

static const char *const actions[] = {"SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS",
	"SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP", "SCMP_ACT_ERRNO", "SCMP_ACT_TRACE",
	"SCMP_ACT_ALLOW", "SCMP_ACT_LOG", NULL};
static const char *const arch_names[] = {"SCMP_ARCH_NATIVE", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64",
	"SCMP_ARCH_X32", "SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64",
	"SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32",
	"SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390",
	"SCMP_ARCH_S390X", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",
	"SCMP_ARCH_LOONGARCH64", NULL};
static const char *const flags[] = {"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
	"SECCOMP_FILTER_FLAG_SPEC_ALLOW", NULL};
static const char *const operators[] = {"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ",
	"SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ", NULL};
enum { ERRNO_MAX = 4095, ARGUMENT_MAX = 5 };

static void check_call(struct checker *c, const struct node *n)
{
	if (strspn(n->text, "abcdefghijklmnopqrstuvwxyz0123456789_") == n->size)
		return;
	checker_add(c, n, "'%.80s' is not the name of a system call", n->text);
}

static void check_rule(struct checker *c, const struct node *n)
{
	const struct node *names = node_get(n, "names");

	if (names && names->n == 0)
		checker_add(c, names, "%s.names must not be empty", buf_str(&c->where));
}

static const struct key argument_keys[] = {
	{"index", KEY_NUMBER, KEY_REQUIRED, "which argument, from 0", .max = ARGUMENT_MAX},
	{"value", KEY_NUMBER, KEY_REQUIRED, "what it is compared with; a mask", .max = UINT64_MAX},
	{"valueTwo", KEY_NUMBER, 0, "what it is behind the mask", .max = UINT64_MAX},
	{"op", KEY_TEXT, KEY_REQUIRED, "how it is compared", .values = operators},
};
static const struct key_map argument_map = KEY_MAP_OF("seccomp argument", argument_keys);

static const struct key rule_keys[] = {
	{"names", KEY_TEXT, KEY_LIST | KEY_REQUIRED | KEY_NOT_EMPTY, "system calls",
		.check = check_call},
	{"action", KEY_TEXT, KEY_REQUIRED, "what happens", .values = actions},
	{"errnoRet", KEY_NUMBER, 0, "the error", .max = ERRNO_MAX},
	{"args", KEY_MAP, KEY_LIST, "only with these arguments", .map = &argument_map},
};
static const struct key_map rule_map = {
	.name = "seccomp rule", .keys = rule_keys, .n = ARRAY_SIZE(rule_keys), .check = check_rule};

static const struct key profile_keys[] = {
	{"defaultAction", KEY_TEXT, KEY_REQUIRED, "what happens with other calls",
		.values = actions},
	{"defaultErrnoRet", KEY_NUMBER, 0, "the error", .max = ERRNO_MAX},
	{"architectures", KEY_TEXT, KEY_LIST, "of the programs", .values = arch_names},
	{"flags", KEY_TEXT, KEY_LIST, "of the filter", .values = flags},
	{"syscalls", KEY_MAP, KEY_LIST, "rules", .map = &rule_map},
};
const struct key_map schema_seccomp = KEY_MAP_OF("seccomp profile", profile_keys);
