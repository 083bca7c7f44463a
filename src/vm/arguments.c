/* SPDX-License-Identifier: Apache-2.0 */
/* From a qemu_spec to QEMU's arguments. */
#include "vm/qemu.h"

#include "arch/arch.h"
#include "base/buf.h"
#include "base/mem.h"
#include "vm/publish.h"

static void add(struct strv *v, const char *option, const char *value)
{
	strv_add(v, option);
	strv_add(v, value);
}

char *qemu_escaped(const char *value)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 16);

	for (; *value; value++) {
		if (*value == ',')
			buf_putc(&b, ',');
		buf_putc(&b, *value);
	}
	return buf_steal(&b);
}

/* ---- the network ---- */

enum { FORWARDS_MAX = VM_PUBLISH_MAX * 64 };

/*
 * "8080-8081:80-81/udp" becomes ",hostfwd=udp:127.0.0.1:8080-:80,hostfwd=udp:127.0.0.1:8081-:81".
 */
static int add_forwards(struct buf *b, const char *publish, unsigned *n, struct werr **err)
{
	struct vm_publish p;
	int r = vm_publish_parse(publish, &p, err);

	if (r < 0)
		return r;
	if (p.v6)
		return werr_set(err, WERR_UNSUPPORTED, "'%s': QEMU can't listen on IPv6 addresses",
			publish);
	*n += p.count;
	if (*n > VM_PUBLISH_MAX)
		return werr_set(err, WERR_LIMIT, "too many ports are published: %d are possible",
			VM_PUBLISH_MAX);
	for (unsigned i = 0; i < p.count; i++)
		buf_printf(b, ",hostfwd=%s:%s:%u-:%u", p.udp ? "udp" : "tcp", p.address, p.host + i,
			p.guest + i);
	return 0;
}

static int add_network(struct strv *v, const struct qemu_spec *spec, struct werr **err)
{
	CLEANUP(buf) struct buf b = BUF_INIT(FORWARDS_MAX);
	const char *publish;
	unsigned n = 0;

	if (!spec->network && spec->publish.n)
		return werr_set(err, WERR_USAGE, "ports can't be published without a network");
	if (!spec->network)
		return 0;
	buf_puts(&b, "user,id=net0");
	STRV_FOREACH (publish, &spec->publish) {
		int r = add_forwards(&b, publish, &n, err);

		if (r < 0)
			return r;
	}
	add(v, "-netdev", buf_str(&b));
	/* No boot ROM: nothing boots from the network, and it costs time. */
	add(v, "-device", "virtio-net-pci,netdev=net0,romfile=");
	return 0;
}

/* ---- disks ---- */

static void add_drive(
	struct strv *v, const char *id, const char *format, const char *more, const char *path)
{
	/* QEMU takes what precedes a colon for a protocol, unless a slash comes first. */
	bool colon = path[0] != '/' && strchr(path, ':');
	CLEANUP(free) char *safe = qemu_escaped(path);

	strv_add(v, "-drive");
	strv_addf(v, "if=none,id=%s,format=%s%s,file=%s%s", id, format, more, colon ? "./" : "",
		safe);
	strv_add(v, "-device");
	strv_addf(v, "virtio-blk-pci,drive=%s", id);
}

/* In the order in which the guest names them. */
static void add_drives(struct strv *v, const struct qemu_spec *spec)
{
	if (spec->root)
		add_drive(v, "root", "raw", ",readonly=on", spec->root);
	for (size_t i = 0; i < spec->n_disks; i++) {
		CLEANUP(free) char *id = str_printf("disk%zu", i);
		const char *format = spec->disks[i].format;

		add_drive(v, id, format ? format : "raw", "", spec->disks[i].path);
	}
}

/* ---- all of it ---- */

const char *const *qemu_architectures(void)
{
	static const char *names[ARCH_MAX + 1];
	size_t n = 0;

	for (const struct arch *a = arch_table; a->name; a++)
		if (a->qemu.program)
			names[n++] = a->name;
	return names;
}

static void add_machine(struct strv *v, const struct arch_qemu *m, const struct qemu_spec *spec)
{
	bool kvm = spec->accel == QEMU_ACCEL_KVM;

	strv_add(v, spec->program ? spec->program : m->program);
	/* Only what is given here: no default devices, no configuration of the user's. */
	strv_add(v, "-nodefaults");
	strv_add(v, "-no-user-config");
	add(v, "-display", "none");
	add(v, "-M", m->machine);
	add(v, "-accel", kvm ? "kvm" : "tcg");
	add(v, "-cpu", kvm ? "host" : m->cpu);
	strv_add(v, "-m");
	strv_addf(v, "%llu", (unsigned long long)spec->mem_mib);
	strv_add(v, "-smp");
	strv_addf(v, "%llu", (unsigned long long)spec->cpus);
	if (spec->no_reboot)
		strv_add(v, "-no-reboot");
}

static void add_cmdline(struct strv *v, const struct arch_qemu *m, const struct qemu_spec *spec)
{
	const char *ours = spec->accel == QEMU_ACCEL_KVM ? "" : m->cmdline;

	strv_add(v, "-append");
	strv_addf(v, "%s%s%s", ours, *ours && *spec->cmdline ? " " : "", spec->cmdline);
}

int qemu_arguments(const struct qemu_spec *spec, struct strv *ret, struct werr **err)
{
	CLEANUP(strv) struct strv v = {0};
	const struct arch *arch = arch_find(spec->arch);
	const struct arch_qemu *m = arch ? &arch->qemu : NULL;
	int r;

	if (!m || !m->program)
		return werr_set(err, WERR_USAGE,
			"QEMU's machine for the architecture '%s' is not known", spec->arch);
	if (!spec->cpus || !spec->mem_mib)
		return werr_set(err, WERR_USAGE, "a machine needs memory and at least one CPU");
	add_machine(&v, m, spec);
	add(&v, "-serial", spec->terminal ? "mon:stdio" : "stdio");
	if (spec->control) {
		CLEANUP(free) char *path = qemu_escaped(spec->control);

		strv_add(&v, "-qmp");
		strv_addf(&v, "unix:%s,server=on,wait=off", path);
	}
	add(&v, "-device", "virtio-rng-pci");
	r = add_network(&v, spec, err);
	if (r < 0)
		return r;
	add_drives(&v, spec);
	add(&v, "-kernel", spec->kernel);
	if (spec->initrd)
		add(&v, "-initrd", spec->initrd);
	add_cmdline(&v, m, spec);
	*ret = v;
	v = (struct strv){0};
	return 0;
}
