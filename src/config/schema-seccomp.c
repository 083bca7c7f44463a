/* SPDX-License-Identifier: Apache-2.0 */
/* A seccomp profile in a file: runtime-spec config-linux.md "Seccomp". */
#include "base/str.h"
#include "config/check.h"
#include "config/schema.h"

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

static const struct form form_call = {.check = check_call};

static void check_rule(struct checker *c, const struct node *n)
{
	const struct node *names = node_get(n, "names");

	if (names && names->n == 0)
		checker_add(c, names, "%s.names must not be empty", buf_str(&c->where));
}

static const struct key argument_keys[] = {
	{"index", KEY_NUMBER, KEY_REQUIRED, "which argument, from 0", .max = ARGUMENT_MAX},
	{"value", KEY_NUMBER, KEY_REQUIRED, "what it is compared with; a mask", .max = UINT64_MAX},
	{"valueTwo", KEY_NUMBER, 0, "what it is after the mask", .max = UINT64_MAX},
	{"op", KEY_TEXT, KEY_REQUIRED, "how it is compared", .values = operators},
};
static const struct key_map argument_map = KEY_MAP_OF("seccomp argument", argument_keys);

static const struct key rule_keys[] = {
	{"names", KEY_TEXT, KEY_LIST | KEY_REQUIRED | KEY_NOT_EMPTY, "system calls",
		.form = &form_call},
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
