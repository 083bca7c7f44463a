/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Volumes: /containers/volumes/NAME/lower has the initial content, and containers see merged. As
 * with LinuxKit's init, a volume is writable when it has a directory tmp, and read-only otherwise.
 */
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/console.h"
#include "common/fs.h"
#include "common/mount.h"
#include "contract/paths.h"
#include "init/setup.h"

static const char volumes_dir[] = "/" VOLUMES_DIR;

static int mount_read_only(const char *lower, const char *merged, struct werr **err)
{
	CLEANUP(strv) struct strv options = {0};

	strv_add(&options, "bind");
	strv_add(&options, "ro");
	return mount_on(lower, merged, NULL, &options, err);
}

/* What is written stays in memory. */
static int mount_writable(const char *lower, const char *tmp, const char *merged, struct werr **err)
{
	CLEANUP(strv) struct strv none = {0}, overlay = {0};
	int r = mount_on("tmpfs", tmp, "tmpfs", &none, err);

	if (r < 0)
		return r;
	strv_addf(&overlay, "lowerdir=%s", lower);
	strv_addf(&overlay, "upperdir=%s/upper", tmp);
	strv_addf(&overlay, "workdir=%s/work", tmp);
	return mount_on("overlay", merged, "overlay", &overlay, err);
}

static void mount_volume(const char *name)
{
	CLEANUP(free) char *lower = str_printf("%s/%s/" VOLUME_LOWER, volumes_dir, name);
	CLEANUP(free) char *tmp = str_printf("%s/%s/" VOLUME_TMP, volumes_dir, name);
	CLEANUP(free) char *merged = str_printf("%s/%s/" VOLUME_MERGED, volumes_dir, name);
	CLEANUP(free) char *what = str_printf("volume %s", name);
	struct werr *err = NULL;
	int r = file_exists(tmp) ? mount_writable(lower, tmp, merged, &err)
				 : mount_read_only(lower, merged, &err);

	if (r < 0)
		console_error(&err, what, "continuing without it");
}

void setup_volumes(void)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	fs_names(volumes_dir, &names);
	STRV_FOREACH (name, &names)
		mount_volume(name);
}
