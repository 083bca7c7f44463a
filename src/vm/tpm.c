/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/tpm.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "vm/helper.h"

static int find_program(const char **ret, struct werr **err)
{
	static const char *const places[] = {"/usr/bin/swtpm", "/usr/local/bin/swtpm"};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (file_exists(places[i])) {
			*ret = places[i];
			return 0;
		}
	werr_set(err, WERR_NOT_FOUND, "--tpm needs swtpm, which is not installed");
	werr_hint(err, "apt-get install swtpm");
	return werr_code(WERR_NOT_FOUND);
}

int vm_tpm_start(const struct qemu_spec *spec, pid_t *ret, struct werr **err)
{
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *socket = NULL;
	CLEANUP(free) char *state = NULL;
	const char *program = NULL;
	int r;

	*ret = 0;
	if (!spec->tpm)
		return 0;
	r = find_program(&program, err);
	dir = str_printf("%s/tpm", spec->share_dir);
	if (r == 0)
		r = file_make_dirs(dir, 0700, err);
	if (r < 0)
		return r;
	socket = str_printf("%s/" MACHINE_TPM, spec->share_dir);
	state = str_printf("dir=%s", dir);
	return vm_helper_start((const char *const[]){program, "socket", "--tpm2", "--tpmstate",
				       state, "--ctrl", "type=unixio,fd=3", "--terminate", NULL},
		socket, spec->detached, ret, err);
}

void vm_tpm_cleanup(pid_t *pid)
{
	if (*pid)
		vm_helper_end(*pid);
	*pid = 0;
}
