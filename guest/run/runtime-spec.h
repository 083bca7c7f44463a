/* SPDX-License-Identifier: Apache-2.0 */
/* runtime.json, LinuxKit's file beside config.json: what is to be done before a container starts,
 * and how it is kept. */
#ifndef WHERRY_GUEST_RUNTIME_SPEC_H
#define WHERRY_GUEST_RUNTIME_SPEC_H

#include "base/error.h"
#include "base/str.h"
#include "contract/runtime.h"
#include "run/policy.h"

struct runtime_mount {
	char *source, *destination, *type; /* source and type may be NULL */
	struct strv options;
};

/* A network interface that the container gets. */
struct runtime_interface {
	char *name;
	char *add;    /* the type to make it of ("veth", "wireguard"); NULL: it is there, and only
			 moved */
	char *peer;   /* veth: the other end, which stays outside; NULL: none */
	bool in_root; /* make it outside, then move it */
};

struct runtime_spec {
	struct strv mkdir;   /* folders */
	struct strv cgroups; /* paths below the root of the hierarchy */
	struct runtime_mount *mounts;
	size_t n_mounts, cap_mounts;
	char *bind_ns[CONTRACT_NAMESPACES]; /* the file that the namespace is to be bound on, or
					     * NULL
					     */
	struct runtime_interface *interfaces;
	size_t n_interfaces, cap_interfaces;
	struct policy policy; /* of the object "wherry" */
};

struct runtime_spec *runtime_spec_new(void); /* empty: nothing is asked for */
/* name is for errors. What isn't known is left alone. */
int runtime_spec_parse(const char *name, const char *text, size_t size, struct runtime_spec **ret,
	struct werr **err);
/* An empty one when there is no such file. */
int runtime_spec_read(const char *path, struct runtime_spec **ret, struct werr **err);
void runtime_spec_free(struct runtime_spec *spec);
DEFINE_CLEANUP(struct runtime_spec *, runtime_spec_free, runtime_spec)

#endif
