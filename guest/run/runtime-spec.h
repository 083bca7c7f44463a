/* SPDX-License-Identifier: Apache-2.0 */
/* runtime.json (contract/runtime.h): what to do before a container starts, and how to keep it. */
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

/* A network interface for the container. */
struct runtime_interface {
	char *name;
	char *add;  /* the type to create ("veth", "wireguard"); NULL: it exists, and is only moved
		     */
	char *peer; /* for veth: the other end, which stays outside; NULL: none */
	bool in_root; /* create it outside, then move it */
};

struct runtime_spec {
	struct strv mkdir;   /* directories */
	struct strv cgroups; /* paths below the root of the hierarchy */
	struct runtime_mount *mounts;
	size_t n_mounts, cap_mounts;
	char *bind_ns[CONTRACT_NAMESPACES]; /* the file to bind the namespace to, or NULL */
	struct runtime_interface *interfaces;
	size_t n_interfaces, cap_interfaces;
	struct policy policy; /* of the object "wherry" */
};

struct runtime_spec *runtime_spec_new(void); /* empty: nothing to do */
/* name is for errors. Unknown keys are ignored. */
int runtime_spec_parse(const char *name, const char *text, size_t size, struct runtime_spec **ret,
	struct werr **err);
/* *ret is empty when there is no such file. */
int runtime_spec_read(const char *path, struct runtime_spec **ret, struct werr **err);
void runtime_spec_free(struct runtime_spec *spec);
DEFINE_CLEANUP(struct runtime_spec *, runtime_spec_free, runtime_spec)

#endif
