/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arbitrary bytes as the file with a firmware's variables: a certificate is enrolled in it, or an
 * error is returned.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "boot/efi-variables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char certificate[37] = "a certificate";
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(free) void *bytes = mem_dup(data, size);

	if (efi_variables_enroll(bytes, size, certificate, sizeof(certificate), &err) < 0 && !err)
		abort();
	return 0;
}
