/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/arch.h"

#include <elf.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

#define MAGIC(text) sizeof(text) - 1, text

/*
 * qemu.cpu is the emulation's: all that it has, but for the promise that copying byte by byte is
 * fast, which kernels act on, and which is not true of an emulation: with it a boot of twelve
 * services takes a third longer. QEMU knows both names since 5.2.
 *
 * qemu.cmdline: while a PC boots, Linux checks whether the timer's interrupts come in time, which
 * they may not when the emulation has to wait for a busy machine: "IO-APIC + timer doesn't work!"
 * (Linux, Documentation/admin-guide/kernel-parameters.txt, no_timer_check).
 *
 * qemu.button: QEMU's machine for riscv64 has no power button; that of arm64, unless it has ACPI,
 * is a key at a GPIO controller, for which Debian's kernels have no driver.
 *
 * qemu.machine: an arm64 machine has the interrupt controller of the CPU that KVM runs on, and in
 * emulation the one for more than eight CPUs.
 *
 * root_type: the UAPI Group's Discoverable Partitions Specification.
 *
 * kernel: Linux, Documentation/arch/x86/boot.rst, Documentation/arch/arm64/booting.rst and
 * Documentation/arch/riscv/boot-image-header.rst. For ppc64le it is an ELF file: its machine, and
 * an entry point that no program has; how large its first segment is in memory.
 */
const struct arch arch_table[] = {
	{
		.name = "amd64",
		.aliases = {{"x86_64"}, {"x86-64"}},
		.variant = '1',
		.debian = "amd64",
		.debian_kernel = "cloud-amd64",
		.triplet = "x86_64-linux-gnu",
		.elf_machine = EM_X86_64,
		.seccomp = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"},
		.kernel = {0x202, MAGIC("HdrS"), 0x260, 4},
		.efi = {"x64", "BOOTX64.EFI", 0x8664},
		.root_type = {0x4f, 0x68, 0xbc, 0xe3, 0xe8, 0xcd, 0x4d, 0xb1, 0x96, 0xe7, 0xfb,
			0xca, 0xf9, 0x84, 0xb7, 0x09},
		.has_bios = true,
		.qemu = {"qemu-system-x86_64", "qemu-system-x86", "q35", "max,-erms,-fsrm",
			"no_timer_check", .console = "ttyS0", .tpm = "tpm-crb", .screen = "std",
			.has_scsi = true},
	},
	{
		.name = "arm64",
		.aliases = {{"aarch64"}},
		.variant = '8',
		.debian = "arm64",
		.debian_kernel = "cloud-arm64",
		.triplet = "aarch64-linux-gnu",
		.elf_machine = EM_AARCH64,
		.seccomp = {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"},
		.kernel = {0x38, MAGIC("ARMd"), 0x10, 8},
		.efi = {"aa64", "BOOTAA64.EFI", 0xaa64},
		.root_type = {0xb9, 0x21, 0xb0, 0x45, 0x1d, 0xf0, 0x41, 0xc3, 0xaf, 0x44, 0x4c,
			0x6f, 0x28, 0x0d, 0x3f, 0xae},
		.qemu = {"qemu-system-aarch64", "qemu-system-arm", "virt,gic-version=max",
			"cortex-a57", "", .console = "ttyAMA0", .finds_console = true,
			.tpm = "tpm-tis-device", .button = "virtio-keyboard-pci"},
	},
	{
		.name = "arm",
		.aliases = {{"armhf", "v7"}, {"armv7l", "v7"}, {"armv7", "v7"}, {"armel", "v6"},
			{"armv6l", "v6"}, {"armv6", "v6"}},
		.variant = '7',
		.debian = "armhf",
		.debian_kernel = "armmp",
		.triplet = "arm-linux-gnueabihf",
		.elf_machine = EM_ARM,
		.root_type = {0x69, 0xda, 0xd7, 0x10, 0x2c, 0xe4, 0x4e, 0x3c, 0xb1, 0x6c, 0x21,
			0xa1, 0xd4, 0x9a, 0xbe, 0xd3},
	},
	{
		.name = "386",
		.aliases = {{"i386"}, {"i686"}},
		.debian = "i386",
		.debian_kernel = "686-pae",
		.triplet = "i686-linux-gnu",
		.multiarch = "i386-linux-gnu",
		.elf_machine = EM_386,
		.root_type = {0x44, 0x47, 0x95, 0x40, 0xf2, 0x97, 0x41, 0xb2, 0x9a, 0xf7, 0xd1,
			0x31, 0xd5, 0xf0, 0x45, 0x8a},
	},
	{
		.name = "riscv64",
		.debian = "riscv64",
		.debian_since = "trixie",
		.debian_kernel = "riscv64",
		.triplet = "riscv64-linux-gnu",
		.elf_machine = EM_RISCV,
		.seccomp = {"SCMP_ARCH_RISCV64"},
		.kernel = {0x38, MAGIC("RSC\x05"), 0x10, 8},
		.efi = {"riscv64", "BOOTRISCV64.EFI", 0x5064},
		.root_type = {0x72, 0xec, 0x70, 0xa6, 0xcf, 0x74, 0x40, 0xe6, 0xbd, 0x49, 0x4b,
			0xda, 0x08, 0xe8, 0xf2, 0x24},
		.qemu = {"qemu-system-riscv64", "qemu-system-misc", "virt", "rv64", "",
			.console = "ttyS0", .finds_console = true, .tpm = "tpm-tis-device",
			.button = "virtio-keyboard-pci"},
	},
	{
		.name = "ppc64le",
		.aliases = {{"ppc64el"}},
		.debian = "ppc64el",
		.debian_kernel = "powerpc64le",
		.triplet = "powerpc64le-linux-gnu",
		.elf_machine = EM_PPC64,
		.seccomp = {"SCMP_ARCH_PPC64LE"},
		.kernel = {18, MAGIC("\x15\0\1\0\0\0\0\0\0\0\0\0\0\xc0"), 0x68, 8},
		.root_type = {0xc3, 0x1c, 0x45, 0xe6, 0x3f, 0x39, 0x41, 0x2e, 0x80, 0xfb, 0x48,
			0x09, 0xc4, 0x98, 0x05, 0x99},
		.qemu = {"qemu-system-ppc64", "qemu-system-ppc", "pseries", "power9", "",
			.console = "hvc0", .finds_console = true, .tpm = "tpm-spapr"},
	},
	{
		.name = "s390x",
		.debian = "s390x",
		.debian_kernel = "s390x",
		.triplet = "s390x-linux-gnu",
		.elf_machine = EM_S390,
		.root_type = {0x5e, 0xea, 0xd9, 0xa9, 0xfe, 0x09, 0x4a, 0x1e, 0xa1, 0xd7, 0x52,
			0x0d, 0x00, 0x53, 0x13, 0x06},
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

const struct arch *arch_find_any(const char *name)
{
	const struct arch *a = arch_find(name);
	const char *ignored;

	return a ? a : arch_find_alias(name, &ignored);
}

const struct arch *arch_find_efi(uint16_t machine)
{
	for (const struct arch *a = arch_table; a->name; a++)
		if (a->efi.name && a->efi.machine == machine)
			return a;
	return NULL;
}

const struct arch *arch_find_bios(void)
{
	const struct arch *a = arch_table;

	while (!a->has_bios)
		a++;
	return a;
}

bool arch_is_kernel(const struct arch *a, int fd)
{
	const struct arch_kernel *k = &a->kernel;
	char found[ARCH_MAGIC];

	return k->magic_size &&
	       pread(fd, found, k->magic_size, k->offset) == (ssize_t)k->magic_size &&
	       memcmp(found, k->magic, k->magic_size) == 0;
}
