/* SPDX-License-Identifier: Apache-2.0 */
#include "run/prepare.h"

#include <sys/mount.h>

#include "base/file.h"
#include "base/mem.h"
#include "common/mount.h"
#include "common/paths.h"
#include "run/link.h"

static int make_cgroup(const char *path, struct werr **err)
{
	CLEANUP(free) char *dir = str_printf(CGROUP_ROOT "/%s", path);

	return file_make_dirs(dir, 0755, err);
}

int prepare_container(const struct runtime_spec *spec, struct werr **err)
{
	const char *path;
	int r;

	STRV_FOREACH (path, &spec->mkdir) {
		r = file_make_dirs(path, 0755, err);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < spec->n_mounts; i++) {
		const struct runtime_mount *m = &spec->mounts[i];

		r = mount_on(m->source, m->destination, m->type, &m->options, err);
		if (r < 0)
			return r;
	}
	STRV_FOREACH (path, &spec->cgroups) {
		r = make_cgroup(path, err);
		if (r < 0)
			return r;
	}
	return 0;
}

bool prepare_is_between(const struct runtime_spec *spec)
{
	for (size_t i = 0; i < CONTRACT_NAMESPACES; i++)
		if (spec->bind_ns[i])
			return true;
	return spec->n_interfaces > 0;
}

static int bind_namespaces(const struct runtime_spec *spec, pid_t pid, struct werr **err)
{
	CLEANUP(strv) struct strv options = {0};

	strv_add(&options, "bind");
	for (size_t i = 0; i < CONTRACT_NAMESPACES; i++) {
		CLEANUP(free)
		char *source = str_printf("/proc/%d/ns/%s", (int)pid, contract_namespaces[i]);
		int r;

		if (!spec->bind_ns[i])
			continue;
		/* Release that of an earlier run, if there was one. */
		umount2(spec->bind_ns[i], MNT_DETACH);
		r = mount_on(source, spec->bind_ns[i], NULL, &options, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int give_interface(
	const struct runtime_interface *i, pid_t pid, bool again, struct werr **err)
{
	bool moves = !i->add || i->in_root;
	int r;

	/*
	 * The pair of an earlier run exists for as long as anything holds its namespace, even a
	 * mount in another container.
	 */
	if (again && i->add && i->peer)
		link_remove(i->peer);
	r = i->add ? link_add(i->name, i->add, i->peer, moves ? 0 : pid, err) : 0;

	return r == 0 && moves ? link_move(i->name, pid, err) : r;
}

int prepare_between(const struct runtime_spec *spec, pid_t pid, bool again, struct werr **err)
{
	int r = bind_namespaces(spec, pid, err);

	for (size_t i = 0; r == 0 && i < spec->n_interfaces; i++)
		r = give_interface(&spec->interfaces[i], pid, again, err);
	return r;
}
