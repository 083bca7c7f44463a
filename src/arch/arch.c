/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/arch.h"

#include <elf.h>

#include "base/str.h"

/*
 * qemu.cpu is the emulation's: all that it has, but for the promise that copying byte by byte is
 * fast, which kernels act on, and which is not true of an emulation: with it a boot of twelve
 * services takes a third longer. QEMU knows both names since 5.2.
 *
 * qemu.cmdline: while a PC boots, Linux checks whether the timer's interrupts come in time, which
 * they may not when the emulation has to wait for a busy machine: "IO-APIC + timer doesn't work!"
 * (Linux, Documentation/admin-guide/kernel-parameters.txt, no_timer_check).
 *
 * kernel: Linux, Documentation/arch/x86/boot.rst and Documentation/arch/arm64/booting.rst.
 */
const struct arch arch_table[] = {
	{
		.name = "amd64",
		.aliases = {{"x86_64"}, {"x86-64"}},
		.variant = '1',
		.debian = "amd64",
		.triplet = "x86_64-linux-gnu",
		.elf_machine = EM_X86_64,
		.seccomp = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"},
		.kernel = {0x202, "HdrS", 0x260, 4},
		.efi = {"x64", "BOOTX64.EFI", 0x8664},
		.qemu = {"qemu-system-x86_64", "qemu-system-x86", "q35", "max,-erms,-fsrm",
			"no_timer_check", .console = "ttyS0", .is_pc = true},
	},
	{
		.name = "arm64",
		.aliases = {{"aarch64"}},
		.variant = '8',
		.debian = "arm64",
		.triplet = "aarch64-linux-gnu",
		.elf_machine = EM_AARCH64,
		.seccomp = {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"},
		.kernel = {0x38, "ARMd", 0x10, 8},
		.efi = {"aa64", "BOOTAA64.EFI", 0xaa64},
		.qemu = {"qemu-system-aarch64", "qemu-system-arm", "virt", "cortex-a57", "",
			.console = "ttyAMA0", .finds_console = true},
	},
	{
		.name = "arm",
		.aliases = {{"armhf", "v7"}, {"armv7l", "v7"}, {"armv7", "v7"}, {"armel", "v6"},
			{"armv6l", "v6"}, {"armv6", "v6"}},
		.variant = '7',
		.debian = "armhf",
		.triplet = "arm-linux-gnueabihf",
		.elf_machine = EM_ARM,
	},
	{
		.name = "386",
		.aliases = {{"i386"}, {"i686"}},
		.debian = "i386",
		.triplet = "i386-linux-gnu",
		.elf_machine = EM_386,
	},
	{
		.name = "riscv64",
		.debian = "riscv64",
		.triplet = "riscv64-linux-gnu",
		.elf_machine = EM_RISCV,
		.efi = {"riscv64", "BOOTRISCV64.EFI", 0x5064},
	},
	{
		.name = "ppc64le",
		.aliases = {{"ppc64el"}},
		.debian = "ppc64el",
		.triplet = "powerpc64le-linux-gnu",
		.elf_machine = EM_PPC64,
	},
	{
		.name = "s390x",
		.debian = "s390x",
		.triplet = "s390x-linux-gnu",
		.elf_machine = EM_S390,
	},
	{.name = "loong64", .aliases = {{"loongarch64"}}},
	{.name = "mips64le", .aliases = {{"mips64el"}}},
	{0},
};
_Static_assert(ARRAY_SIZE(arch_table) <= ARCH_MAX + 1, "lists of architectures have room for all");

const struct arch *arch_find(const char *name)
{
	for (const struct arch *a = arch_table; a->name; a++)
		if (str_eq(a->name, name))
			return a;
	return NULL;
}

const struct arch *arch_find_alias(const char *alias, const char **ret_variant)
{
	for (const struct arch *a = arch_table; a->name; a++)
		for (size_t i = 0; i < ARCH_ALIASES && a->aliases[i].name; i++)
			if (str_eq(a->aliases[i].name, alias)) {
				const char *variant = a->aliases[i].variant;

				*ret_variant = variant ? variant : "";
				return a;
			}
	return NULL;
}
