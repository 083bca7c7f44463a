/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The architectures: one row for each, with all that differs between them. A field that is NULL or
 * 0 says that an architecture lacks what the field is for, as QEMU's machine or Debian's packages.
 */
#ifndef WHERRY_ARCH_ARCH_H
#define WHERRY_ARCH_ARCH_H

#include <stdbool.h>
#include <stdint.h>

enum { ARCH_MAX = 16, ARCH_ALIASES = 6, ARCH_SECCOMP = 2, ARCH_MAGIC = 14, ARCH_GUID = 16 };

/* Another name: uname's, Debian's, or what people write. */
struct arch_alias {
	const char *name;
	const char *variant; /* OCI's variant that the name implies, "v7", or NULL */
};

/* The machine that QEMU emulates. */
struct arch_qemu {
	const char *program; /* qemu-system-... */
	const char *package; /* Debian's, which has the program */
	const char *machine; /* -M */
	const char *cpu;     /* -cpu, in emulation */
	const char *cmdline; /* what a kernel's command line begins with in emulation, or "" */
	const char *console; /* Linux's name of the serial port: "ttyS0" */
	bool finds_console;  /* Linux uses that port also without a console= */
	const char *button;  /* the device whose power key stands for a power button, or NULL */
	const char *tpm;     /* the device that a TPM is */
	const char *screen;  /* -vga; NULL: it has only the console */
	bool has_scsi;       /* LinuxKit gives it no virtio disks */
};

/* What a kernel that a boot loader takes is known by: these bytes, of which some may be zeros. */
struct arch_kernel {
	uint32_t offset, magic_size;
	char magic[ARCH_MAGIC + 1];
	/* Where it says how much memory it takes before it frees any, and in how many bytes. */
	uint32_t needs_offset, needs_size;
};

/* UEFI (UEFI specification, 2.1.1 and 3.5.1.1). */
struct arch_efi {
	const char *name;      /* in names of programs: "x64", as in linuxx64.efi.stub */
	const char *boot_file; /* what a firmware starts of EFI/BOOT: "BOOTX64.EFI" */
	uint16_t machine;      /* of a PE file: IMAGE_FILE_MACHINE_... */
};

struct arch {
	const char *name;                        /* Go's and OCI's: "amd64" */
	struct arch_alias aliases[ARCH_ALIASES]; /* as many as have a name */
	char variant;                            /* what no variant means: '8' is v8 */
	const char *debian;                      /* Debian's name */
	const char *debian_since;                /* its first release, if not the oldest known */
	const char *debian_kernel;               /* its kernel's flavour, for virtual machines */
	const char *triplet;                     /* GNU's, of Debian's compilers */
	const char *multiarch;                   /* see arch_multiarch; NULL: the triplet */
	uint16_t elf_machine;                    /* EM_... of elf.h */
	const char *seccomp[ARCH_SECCOMP + 1];   /* libseccomp's names of what runs on it */
	struct arch_kernel kernel;
	struct arch_efi efi;
	/* Of a GPT's partition with its root, in the order of the text: Discoverable Partitions. */
	unsigned char root_type[ARCH_GUID];
	bool has_bios; /* there are computers with a PC's BIOS */
	struct arch_qemu qemu;
};

/* All rows, the most common first; one without a name ends them. */
extern const struct arch arch_table[];

/*
 * The name of Debian's directories of libraries and headers, as in /usr/lib/i386-linux-gnu; NULL
 * when Debian does not have the architecture. (Debian Policy, 9.1.1)
 */
static inline const char *arch_multiarch(const struct arch *a)
{
	return a->multiarch ? a->multiarch : a->triplet;
}

/* By OCI's name; NULL when there is none. */
const struct arch *arch_find(const char *name);
/* By the machine of a PE file; NULL when there is none. */
const struct arch *arch_find_efi(uint16_t machine);
/* The first one that has computers with a PC's BIOS. */
const struct arch *arch_find_bios(void);
/* Whether the file is a kernel for the architecture, as far as its magic number says it. */
bool arch_is_kernel(const struct arch *a, int fd);
/* By OCI's name or another one, whatever variant that implies; NULL when there is none. */
const struct arch *arch_find_any(const char *name);
/* By another name; *ret_variant is what it implies, or "". NULL when there is none. */
const struct arch *arch_find_alias(const char *alias, const char **ret_variant);

#endif
