/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/firmware.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

static const struct place {
	const char *arch;
	bool secure; /* it has Secure Boot, for which it wants a machine with SMM */
	const char *code, *variables;
} places[] = {
	/* Debian and Ubuntu */
	{"amd64", false, "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"},
	{"amd64", false, "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"},
	{"amd64", true, "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd",
		"/usr/share/OVMF/OVMF_VARS_4M.fd"},
	{"amd64", true, "/usr/share/OVMF/OVMF_CODE.secboot.fd", "/usr/share/OVMF/OVMF_VARS.fd"},
	{"arm64", false, "/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"},
	/* Fedora */
	{"amd64", false, "/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"},
	{"amd64", true, "/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd",
		"/usr/share/edk2/ovmf/OVMF_VARS.fd"},
	{"arm64", false, "/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw",
		"/usr/share/edk2/aarch64/vars-template-pflash.raw"},
	/* Arch */
	{"amd64", false, "/usr/share/edk2/x64/OVMF_CODE.4m.fd",
		"/usr/share/edk2/x64/OVMF_VARS.4m.fd"},
	{"amd64", true, "/usr/share/edk2/x64/OVMF_CODE.secboot.4m.fd",
		"/usr/share/edk2/x64/OVMF_VARS.4m.fd"},
};

/* OVMF_VARS.fd beside OVMF_CODE.fd; NULL: the file has no such name, or no such neighbour. */
static char *variables_beside(const char *code)
{
	const char *slash = strrchr(code, '/'), *name = slash ? slash + 1 : code;
	const char *at = strstr(name, "CODE");
	CLEANUP(free) char *path = NULL;

	if (!at)
		return NULL;
	path = str_printf("%.*sVARS%s", (int)(at - code), code, at + strlen("CODE"));
	return file_exists(path) ? STEAL(path) : NULL;
}

int vm_firmware_find(const char *arch, const char *given, bool secure, char **ret_code,
	char **ret_variables, struct werr **err)
{
	bool there = false;
	int r = given ? file_look(given, &there, err) : 0;

	if (r < 0)
		return r;
	if (given && !there)
		return werr_set(err, WERR_NOT_FOUND, "there is no firmware %s", given);
	if (given) {
		*ret_code = str_dup(given);
		*ret_variables = variables_beside(given);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const struct place *p = &places[i];

		if (!str_eq(p->arch, arch) || p->secure != secure || !file_exists(p->code) ||
			!file_exists(p->variables))
			continue;
		*ret_code = str_dup(p->code);
		*ret_variables = str_dup(p->variables);
		return 0;
	}
	werr_set(err, WERR_NOT_FOUND, "no UEFI firmware%s for %s is installed",
		secure ? " with Secure Boot" : "", arch);
	if (!secure || str_eq(arch, "amd64"))
		werr_hint(err, "apt-get install %s, or name the file with --fw",
			str_eq(arch, "arm64") ? "qemu-efi-aarch64" : "ovmf");
	return werr_code(WERR_NOT_FOUND);
}
