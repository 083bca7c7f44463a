/* SPDX-License-Identifier: Apache-2.0 */
/* config.json's linux.seccomp: runtime-spec config-linux.md "Seccomp". */
#include "bundle/seccomp.h"

#include "arch/arch.h"
#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"
#include "bundle/spec.h"
#include "config/model.h"
#include "config/values.h"
#include "config/wherry-values.h"

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

/* Linux, 32 bits, old version numbers, and queries; not predictable addresses or executable memory
 * by default. */
static const uint64_t personalities[] = {0x0, 0x8, 0x20000, 0x20008, 0xffffffff};

/* Without any, what is native to the machine is meant. */
static void write_architectures(struct json_writer *w, const char *name)
{
	const struct arch *arch = arch_find(name);

	if (!arch || !arch->seccomp[0])
		return;
	json_key(w, "architectures");
	json_open_array(w);
	for (const char *const *s = arch->seccomp; *s; s++)
		json_string(w, *s);
	json_close_array(w);
}

/* The beginning of a rule. */
static void open_rule(struct json_writer *w)
{
	json_open_object(w);
	json_key(w, "names");
	json_open_array(w);
}

/* Its end, after the names; args follow, or the end of the object. */
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

/* A rule about one call where an argument, after the mask, has a value. */
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
 * clone makes processes and threads and, with the privilege, namespaces. clone3 has its flags in
 * memory, where no filter can look: without the privilege it does not exist, so that the C library
 * falls back to clone.
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
 * All families up to 63 except AF_ALG (38), the kernel's ciphers, and AF_VSOCK (40), which is
 * outside all namespaces. The kernel looks at 32 bits, and so do the masks: a comparison would be
 * with
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

/* Services have the default profile, unless they are as powerful as the machine's own root anyway.
 */
static bool is_default(const struct settings *s, uint64_t capabilities)
{
	return !s->config->compat && s->entry->section == CONFIG_SERVICES &&
	       capabilities != CAPABILITIES_ALL;
}

void spec_write_seccomp(struct json_writer *w, const struct settings *s)
{
	const struct settings wherry = settings_map(s, "wherry");
	const struct node *asked = settings_get(&wherry, "seccomp");
	uint64_t capabilities = spec_capabilities(s);

	if (asked ? str_eq(asked->text, "none") : !is_default(s, capabilities))
		return;
	json_key(w, "seccomp");
	if (asked && value_is_seccomp_file(asked->text))
		json_node(w, config_profile_of(s->config, asked)->root);
	else
		seccomp_write_default(w, s->image->platform.arch, capabilities);
}
