/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/arch.h"

#include <elf.h>

#include "base/str.h"

const struct arch *arch_find(const char *name)
{
	static const struct arch arches[] = {
		{"amd64", "amd64", "x86_64-linux-gnu", EM_X86_64},
		{"arm64", "arm64", "aarch64-linux-gnu", EM_AARCH64},
		{"arm", "armhf", "arm-linux-gnueabihf", EM_ARM},
		{"386", "i386", "i386-linux-gnu", EM_386},
		{"riscv64", "riscv64", "riscv64-linux-gnu", EM_RISCV},
		{"ppc64le", "ppc64el", "powerpc64le-linux-gnu", EM_PPC64},
		{"s390x", "s390x", "s390x-linux-gnu", EM_S390},
	};

	for (size_t i = 0; i < ARRAY_SIZE(arches); i++)
		if (str_eq(arches[i].name, name))
			return &arches[i];
	return NULL;
}
