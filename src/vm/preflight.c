/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/preflight.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/endian.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/taken-port.h"
#include "oci/platform.h"
#include "vm/initrd-size.h"
#include "vm/publish.h"

/* ---- ports ---- */

static int refused(int problem, const struct vm_publish *p, unsigned port, struct werr **err)
{
	const char *protocol = p->udp ? "/udp" : "";

	switch (problem) {
	case EADDRINUSE:
		return taken_port_error(p->address, (uint16_t)port, p->udp, err);
	case EACCES:
		werr_set(err, WERR_DENIED, "port %u%s of %s needs privileges", port, protocol,
			p->address);
		werr_hint(err, "publish one from 1024 on, such as %u:%u", 8000 + port, p->guest);
		return werr_code(WERR_DENIED);
	case EADDRNOTAVAIL:
		return werr_set(
			err, WERR_INVALID, "this machine does not have the address %s", p->address);
	default:
		return werr_errno(err, problem, "can't listen on port %u%s of %s", port, protocol,
			p->address);
	}
}

/* Bind it as QEMU will do in a moment. */
static int try_port(const struct vm_publish *p, unsigned port, struct werr **err)
{
	CLEANUP(fd) int fd = socket(AF_INET, (p->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	const int on = 1;

	if (fd < 0)
		return werr_errno(err, errno, "can't make a socket");
	inet_pton(AF_INET, p->address, &at.sin_addr);
	if (!p->udp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return refused(errno, p, port, err);
	return 0;
}

/* Those on IPv6 addresses are the relay's. */
static int try_ports(const struct strv *publish, struct werr **err)
{
	const char *text;
	int r = 0;

	STRV_FOREACH (text, publish) {
		struct vm_publish p;

		r = vm_publish_parse(text, &p, err);
		for (unsigned i = 0; r == 0 && !p.v6 && i < p.count && i < VM_PUBLISH_MAX; i++)
			r = try_port(&p, p.host + i, err);
		if (r < 0)
			return r;
	}
	return r;
}

/* ---- memory ---- */

/* What the kernel takes before it frees any; 0: not known. */
static uint64_t kernel_needs(const char *path, const struct arch *arch)
{
	const struct arch_kernel *k = &arch->kernel;
	CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char bytes[8] = {0};

	if (fd < 0 || !arch_is_kernel(arch, fd) || k->needs_size > sizeof(bytes) ||
		pread(fd, bytes, k->needs_size, k->needs_offset) != (ssize_t)k->needs_size)
		return 0;
	return le64_get(bytes);
}

enum {
	STEP = 64,
	NEEDS_MAX = 256 << 20, /* more is no number of a kernel's */
	RATIO = 12,            /* an initrd is seldom so many times as large when it is unpacked */
	TO_RUN = 19 << 20,     /* for the kernel's own memory and the first processes */
	SPARE = 3 << 20,       /* of what the kernel says, not all is in use any more */
};

/*
 * As `tools/bench-memory --initrds` measures it (docs/init.md, Memory): the initrd is there packed
 * while it is unpacked, into a file system that gets half of the memory that is left then.
 */
static uint64_t least_memory(uint64_t kernel, uint64_t packed, uint64_t unpacked)
{
	uint64_t to_run = kernel + packed + unpacked + TO_RUN;
	uint64_t to_unpack = kernel - SPARE + packed + 2 * unpacked;

	return to_run > to_unpack ? to_run : to_unpack;
}

static void look_at_memory(const struct qemu_spec *spec, const struct arch *arch)
{
	uint64_t has = spec->mem_mib << 20, kernel = kernel_needs(spec->kernel, arch), least;
	uint64_t packed = 0, unpacked = 0;
	char packed_text[16], unpacked_text[16];
	struct stat st;

	if (spec->initrd && stat(spec->initrd, &st) == 0)
		packed = (uint64_t)st.st_size;
	if (kernel < SPARE || kernel > NEEDS_MAX || kernel + TO_RUN + RATIO * packed < has)
		return;
	if (spec->initrd && vm_initrd_size(spec->initrd, has, &unpacked, NULL) < 0)
		return;
	least = least_memory(kernel, packed, unpacked);
	if (least <= has)
		return;
	log_warning("%llu MiB of memory are too little for this kernel and its initrd, which has "
		    "%s, and unpacked %s%s (--mem %llu)",
		(unsigned long long)spec->mem_mib, str_size(packed_text, packed),
		unpacked > has ? "more than " : "",
		str_size(unpacked_text, unpacked > has ? has : unpacked),
		(unsigned long long)((least >> 20) / STEP + 1) * STEP);
}

int vm_preflight(const struct qemu_spec *spec, struct werr **err)
{
	const struct arch *arch = arch_find(spec->arch);

	if (arch && spec->kernel)
		look_at_memory(spec, arch);
	return try_ports(&spec->publish, err);
}

int vm_program_find(const char *arch_name, struct werr **err)
{
	const struct arch *arch = arch_find(arch_name);
	const char *dir, *path = getenv("PATH");
	CLEANUP(strv) struct strv dirs = {0};

	if (!arch || !arch->qemu.program)
		return werr_set(err, WERR_UNSUPPORTED,
			"QEMU's machine for the architecture '%s' is not known", arch_name);
	strv_split(&dirs, path ? path : "", ':');
	STRV_FOREACH (dir, &dirs) {
		CLEANUP(free) char *file = str_printf("%s/%s", dir, arch->qemu.program);

		if (access(file, X_OK) == 0)
			return 0;
	}
	werr_set(err, WERR_NOT_FOUND, "%s is not installed", arch->qemu.program);
	werr_hint(err, "install it: apt-get install %s", arch->qemu.package);
	return werr_code(WERR_NOT_FOUND);
}

char *vm_kvm_problem(const char *arch)
{
	struct platform host;

	platform_host(&host);
	if (!str_eq(host.arch, arch))
		return str_printf("this machine is %s, not %s", host.arch, arch);
	if (access("/dev/kvm", R_OK | W_OK) == 0)
		return str_dup("/dev/kvm is there, but does not run a CPU at speed");
	return str_dup(errno == ENOENT ? "there is no /dev/kvm"
				       : "this user may not use /dev/kvm (Debian's group is kvm)");
}
