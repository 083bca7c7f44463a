/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/share.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "vm/helper.h"

static int find_program(const char *given, const char **ret, struct werr **err)
{
	/* Debian 13 and Fedora, Debian 12, Arch. */
	static const char *const places[] = {
		"/usr/libexec/virtiofsd", "/usr/lib/qemu/virtiofsd", "/usr/lib/virtiofsd"};

	if (given && file_exists(given)) {
		*ret = given;
		return 0;
	}
	if (given)
		return werr_set(err, WERR_NOT_FOUND, "there is no %s", given);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (file_exists(places[i])) {
			*ret = places[i];
			return 0;
		}
	werr_set(err, WERR_NOT_FOUND, "--virtiofs needs virtiofsd, which is not installed");
	werr_hint(err, "apt-get install virtiofsd (Debian 12: qemu-system-common), or name it with "
		       "--virtiofsd");
	return werr_code(WERR_NOT_FOUND);
}

static int start_one(const struct qemu_spec *spec, const char *program, size_t i,
	struct vm_shares *s, struct werr **err)
{
	CLEANUP(free) char *path = str_printf("%s/virtiofs%zu", spec->share_dir, i);
	CLEANUP(free) char *dir = realpath(spec->shares->items[i], NULL);
	CLEANUP(free) char *source = dir ? str_printf("source=%s", dir) : NULL;
	const char *const argv[] = {program, "--fd=3", "-o", source, NULL};
	pid_t pid;
	int r;

	if (!dir)
		return werr_errno(
			err, errno, "can't look up the directory %s", spec->shares->items[i]);
	r = vm_helper_start(argv, path, spec->detached, &pid, err);
	if (r == 0)
		s->pids[s->n++] = pid;
	return r;
}

int vm_shares_start(const struct qemu_spec *spec, struct vm_shares *ret, struct werr **err)
{
	CLEANUP(vm_shares) struct vm_shares s = {0};
	const char *program = NULL;
	int r;

	if (!spec->shares || !spec->shares->n)
		return 0;
	r = find_program(spec->virtiofsd, &program, err);
	s.pids = mem_new_array(pid_t, spec->shares->n);
	for (size_t i = 0; r == 0 && i < spec->shares->n; i++)
		r = start_one(spec, program, i, &s, err);
	if (r < 0)
		return r;
	*ret = s;
	s = (struct vm_shares){0};
	return 0;
}

void vm_shares_leave(struct vm_shares *s)
{
	free(s->pids);
	*s = (struct vm_shares){0};
}

void vm_shares_cleanup(struct vm_shares *s)
{
	for (size_t i = 0; i < s->n; i++)
		vm_helper_end(s->pids[i]);
	vm_shares_leave(s);
}
