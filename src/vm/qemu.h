/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU: from what the user wants to an argument list, and running it. */
#ifndef WHERRY_VM_QEMU_H
#define WHERRY_VM_QEMU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "vm/firmware.h"

/* ---- what is booted ---- */

/*
 * The files of an output: PATH-kernel, PATH-cmdline, and where the root is: PATH-initrd.img, or
 * PATH-squashfs.img or PATH-erofs.img with the PATH-boot-initrd.img that finds it, if there is one.
 * Or PATH itself: a directory of the format pxe, or the image of a CD or of a disk, which has a
 * boot loader. Then all but that one is NULL.
 */
struct boot_files {
	char *cd, *disk;
	char *netboot;     /* a directory to boot from over the network */
	char *kernel;      /* a path, as are initrd and root */
	char *initrd;      /* or NULL */
	char *root;        /* the image of a disk with the root, or NULL */
	char *cmdline;     /* the text, without a newline at its end; with a root it says root= */
	bool uefi;         /* the disk is for UEFI, and not for a BIOS: see boot-disk.h */
	const char *arch;  /* OCI's name, read off the kernel or the disk; NULL: not known */
	const char *kind;  /* of the root, as boot_files_roots() has it; NULL: there is no kernel */
	const char *other; /* NULL; or another one that is there as well */
};
struct boot_wish {
	bool kernel, iso; /* it is meant to be one, whatever is there */
	const char *root; /* of boot_files_roots(); NULL: the first of them that is there */
	bool scsi;        /* see struct qemu_spec */
	const char *arch; /* the machine's, or NULL */
};
/*
 * The root is the first disk, which the kernel's command line then says, unless it has a root= of
 * its own. WERR_NOT_FOUND with a hint when PATH does not stand for anything that can be booted.
 */
int boot_files_find(
	const char *path, const struct boot_wish *wish, struct boot_files *ret, struct werr **err);
/* What starts a disk whose bytes are in this file: sets uefi and arch. */
int boot_files_look(const char *disk, struct boot_files *f, struct werr **err);
void boot_files_cleanup(struct boot_files *f);
/* "initrd", "squashfs"; NULL ends them. Not thread-safe. */
const char *const *boot_files_roots(void);

/* ---- disks ---- */

struct qemu_disk {
	char *path;   /* NULL: not given, so that it is to be made in the state directory */
	char *format; /* "raw", "qcow2" ...; NULL: detected when the disk exists, else new_format */
	uint64_t size;           /* bytes; 0: the disk must exist */
	uint64_t offset, length; /* of the disk in the file; 0: it is the whole file */
	bool is_kept; /* what the guest writes is lost at the end: QEMU can't write to the file */
	const char *new_format; /* NULL: raw when the path says so (.img, .raw), else qcow2 */
};
/*
 * "[file=]PATH[,size=1G][,format=qcow2]", or a size without a path; a plain size is in GiB, as in
 * LinuxKit. A comma of PATH is doubled, as for QEMU.
 */
int qemu_disk_parse(const char *text, struct qemu_disk *ret, struct werr **err);
/*
 * Create the disk when it is missing (other formats than qcow2 and raw with qemu-img), and fill in
 * format, of which qcow2 and raw are detected. WERR_INVALID, with a hint on how to give the format,
 * when it looks like another format, or like a qcow2 that names other files, which a guest may have
 * written.
 */
int qemu_disk_prepare(struct qemu_disk *d, struct werr **err);
/* The same without creating anything: format of a disk that exists. */
int qemu_disk_find_format(struct qemu_disk *d, struct werr **err);
void qemu_disk_cleanup(struct qemu_disk *d);

/* ---- the machine ---- */

enum qemu_accel { QEMU_ACCEL_AUTO, QEMU_ACCEL_KVM, QEMU_ACCEL_TCG };

enum qemu_network {
	QEMU_NETWORK_NONE,
	QEMU_NETWORK_USER,   /* QEMU's own, without privileges */
	QEMU_NETWORK_TAP,    /* a tap device that exists */
	QEMU_NETWORK_BRIDGE, /* a bridge, by QEMU's set-user-id helper */
	QEMU_NETWORK_LAN, /* an Ethernet of machines of this host, by multicast on its loopback */
};

struct qemu_spec {
	const char *program; /* NULL: by arch */
	const char *arch;    /* one of qemu_architectures() */
	enum qemu_accel accel;
	const char *kernel, *initrd; /* files; initrd may be NULL; kernel NULL: see below */
	const char *root;            /* the image of the first disk, which is read-only; or NULL */
	const char *cmdline; /* the text; in emulation a PC's gets no_timer_check in front */
	const char *append;  /* more of it, or NULL */
	const char *netboot; /* without a kernel: the directory that the network boots from */
	const char *boot_cd, *boot_disk; /* without a kernel: the image that has a boot loader */
	const char *data;                /* the image of a CD with metadata, or NULL */
	bool uefi;                       /* without a kernel: UEFI can start it, and nothing else */
	/* Instead of what QEMU has itself, or NULL; its variables are a copy for this machine. */
	const struct vm_firmware_found *firmware;
	bool tpm; /* see tpm.h; its socket is in share_dir */
	/* A PC's disks are SCSI ones: /dev/sda is the first, as on LinuxKit's machines. */
	bool scsi;
	uint64_t mem_mib, cpus;
	struct qemu_disk *disks; /* owned */
	size_t n_disks;
	struct strv publish; /* vm/publish.h; user networking only */
	enum qemu_network network;
	const char *interface;          /* of a tap or bridge; of a LAN: its GROUP:PORT */
	const char *mac;                /* NULL: QEMU's own, the same for all */
	const struct strv *devices;     /* QEMU's -device; NULL: none */
	const struct strv *credentials; /* "NAME=FILE", for the firmware; NULL: none */
	bool usb;                       /* a USB controller */
	bool gui;                       /* a window with a screen; the console is in it as well */
	bool no_reboot;                 /* end when the guest reboots */
	bool snapshot;      /* what is written to the disk that is booted is forgotten */
	bool exit_on_panic; /* the same, and its kernel reboots when it panics */
	/*
	 * Directories for the guest (NULL: none), as virtiofs0 and so on: see share.h. Their
	 * sockets are in share_dir; virtiofsd is the program, or NULL.
	 */
	const struct strv *shares;
	const char *share_dir, *virtiofsd;
	/* An absolute directory for a machine in the background: see machines.h; or NULL. */
	const char *detached;
	/*
	 * Where to create the sockets of the supervisor's ports (wire.h), and that for QMP unless
	 * it is `detached`; or NULL: the machine has no such ports.
	 */
	const char *outside;
	const char *name;    /* by which others find it in the foreground; NULL: they don't */
	const char *control; /* where to create the socket for QMP, or NULL */
	bool terminal; /* the console is a terminal: Ctrl-A X leaves, Ctrl-C goes to the guest */
};

/* Frees the disks. */
void qemu_spec_cleanup(struct qemu_spec *s);
/* Linux's name of the first disk: "/dev/vda", "/dev/sda". arch may be NULL. */
const char *qemu_first_disk(const char *arch, bool scsi);
/* The architectures that have a machine, by OCI's names; NULL ends the list. Not thread-safe. */
const char *const *qemu_architectures(void);
/* A value for QEMU's lists of options, where commas are doubled; owned by the caller. */
char *qemu_escaped(const char *value);
/* Whether this process can use /dev/kvm for this architecture: it is really tried. */
bool qemu_kvm_works(const char *arch);
/*
 * The argument list, program first, from the spec alone (QEMU_ACCEL_AUTO counts as TCG, a disk
 * without a format as raw). WERR_USAGE for what is impossible, WERR_UNSUPPORTED for an IPv6 address
 * in publish, which qemu_run() replaces before.
 */
int qemu_arguments(const struct qemu_spec *spec, struct strv *ret, struct werr **err);
/*
 * Prepare the disks, choose the accelerator, and run QEMU in the foreground on our stdin and stdout
 * until it ends. Ctrl-C ends it as well (WERR_CANCELLED); it never outlives us. WERR_NOT_FOUND,
 * with the package to install, when there is no QEMU; WERR_FAILED after a panic with exit_on_panic.
 */
int qemu_run(const struct qemu_spec *spec, int *exit_code, struct werr **err);

#endif
