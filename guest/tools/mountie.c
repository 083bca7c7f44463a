/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/mountie.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "common/mount.h"
#include "common/mounted.h"
#include "init/rootdev.h"
#include "tools/args.h"

enum { WAIT_MS = 30000 };
/* Of a partition that nobody names: those that hold data, and not what firmware starts. */
static const char of_data[] = "ext4,xfs,btrfs";

void mountie_cleanup(struct mountie *m)
{
	free(m->what);
	m->what = NULL;
}

static int take_words(
	const struct strv *words, const char **device, struct mountie *ret, struct werr **err)
{
	if (words->n < 1 || words->n > 2) {
		int r = words->n ? werr_set(err, WERR_USAGE, "'%s' is one word too many",
					   words->items[2])
				 : werr_set(err, WERR_USAGE, "no mount point is named");

		werr_hint(err, "usage: mountie [-label L | -uuid U | -device D] [DEVICE] "
			       "MOUNTPOINT");
		return r;
	}
	if (words->n == 2)
		*device = words->items[0];
	ret->mountpoint = words->items[words->n - 1];
	return ret->mountpoint[0] == '/'
		       ? 0
		       : werr_set(err, WERR_USAGE, "the mount point %s does not begin with a slash",
				 ret->mountpoint);
}

int mountie_parse(int argc, char **argv, struct strv *words, struct mountie *ret, struct werr **err)
{
	const char *device = NULL, *label = NULL, *uuid = NULL;
	const struct arg options[] = {
		{"device", ARG_TEXT, &device},
		{"label", ARG_TEXT, &label},
		{"uuid", ARG_TEXT, &uuid},
		{0},
	};
	int r = args_parse(options, argc, argv, words, err);

	if (r == 0)
		r = take_words(words, &device, ret, err);
	if (r < 0)
		return r;
	if (device)
		ret->what = str_dup(device);
	else if (label || uuid)
		ret->what = str_printf("%s=%s", label ? "LABEL" : "UUID", label ? label : uuid);
	if (!ret->what || rootdev_can_find(ret->what))
		return 0;
	r = werr_set(err, WERR_USAGE, "'%s' is not a device", ret->what);
	werr_hint(err, "it can be /dev/NAME, LABEL=, UUID=, PARTLABEL= or PARTUUID=");
	return r;
}

/* A mount in the container's own root, or in a bind that nobody else sees, would be of no use. */
static int check_kept(const char *mountpoint, struct werr **err)
{
	struct mounted on;
	int r = mounted_find(mountpoint, &on, err);

	if (r < 0 || (on.shared && !on.root))
		return r;
	r = werr_set(err, WERR_INVALID, "what is mounted on %s would end with this container",
		mountpoint);
	werr_hint(
		err, "bind its directory from the machine, as in binds: [/var:/var:rshared,rbind]");
	return r;
}

static char *find_device(const struct mountie *m, struct werr **err)
{
	char *device = m->what ? rootdev_wait(rootdev_find, m->what, WAIT_MS, NULL)
			       : rootdev_wait(rootdev_find_unused, of_data, WAIT_MS, NULL);
	CLEANUP(free) char *list = device ? NULL : rootdev_list();

	if (device)
		return device;
	werr_set(err, WERR_NOT_FOUND, "%s did not appear in %d s",
		m->what ? m->what : "an unused partition with ext4, xfs or btrfs", WAIT_MS / 1000);
	werr_hint(err, "the disks are: %s", list);
	return NULL;
}

static int mount_it(const struct mountie *m, struct werr **err)
{
	CLEANUP(strv) struct strv none = {0};
	CLEANUP(free) char *device = find_device(m, err);
	const char *type = device ? rootdev_type(device) : NULL;
	int r;

	if (!device)
		return -ENOENT;
	if (!type) {
		r = werr_set(err, WERR_INVALID, "there is no known file system on %s", device);
		werr_hint(err, "a new disk must be formatted first");
		return r;
	}
	r = mount_on(device, m->mountpoint, type, &none, err);
	if (r == 0)
		printf("mountie: %s (%s) is mounted on %s\n", device, type, m->mountpoint);
	return r;
}

int mountie_main(int argc, char **argv)
{
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(mountie) struct mountie m = {0};
	CLEANUP(werr) struct werr *err = NULL;
	int r = mountie_parse(argc, argv, &words, &m, &err);

	if (r == 0)
		r = file_make_dirs(m.mountpoint, 0755, &err);
	if (r == 0)
		r = check_kept(m.mountpoint, &err);
	if (r == 0)
		mount_it(&m, &err);
	return args_report("mountie", err);
}
