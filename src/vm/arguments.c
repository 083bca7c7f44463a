/* SPDX-License-Identifier: Apache-2.0 */
/* From a qemu_spec to QEMU's arguments. */
#include "vm/arguments.h"

#include "arch/arch.h"
#include "base/buf.h"
#include "base/mem.h"
#include "contract/outputs.h"
#include "contract/outside.h"
#include "vm/machines.h"
#include "vm/publish.h"
#include "vm/tpm.h"
#include "vm/wire.h"

#define CREDENTIALS "opt/io.systemd.credentials/"

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

static void add_netboot(struct buf *b, const struct qemu_spec *spec)
{
	CLEANUP(free) char *dir = spec->netboot ? qemu_escaped(spec->netboot) : NULL;

	if (dir)
		buf_printf(b, ",tftp=%s,bootfile=" PXE_SCRIPT, dir);
}

static int user_network(struct buf *b, const struct qemu_spec *spec, struct werr **err)
{
	const char *publish;
	unsigned n = 0;
	int r = 0;

	buf_puts(b, "user,id=net0");
	add_netboot(b, spec);
	STRV_FOREACH (publish, &spec->publish) {
		r = add_forwards(b, publish, &n, err);
		if (r < 0)
			break;
	}
	return r;
}

/* The network card's boot ROM is a program for a BIOS, and serves QEMU's own network here. */
static int check_netboot(const struct qemu_spec *spec, struct werr **err)
{
	const struct arch *a = spec->netboot ? arch_find(spec->arch) : NULL;

	if (!spec->netboot)
		return 0;
	if (spec->network != QEMU_NETWORK_USER)
		return werr_set(
			err, WERR_USAGE, "%s is booted from the user network only", spec->netboot);
	if (spec->firmware || !a || !a->has_bios)
		return werr_set(err, WERR_UNSUPPORTED,
			"%s can be tried on a PC with a BIOS only: wherry serve it for others",
			spec->netboot);
	return 0;
}

static int add_network(struct strv *v, const struct qemu_spec *spec, struct werr **err)
{
	CLEANUP(buf) struct buf b = BUF_INIT(FORWARDS_MAX);
	CLEANUP(free) char *interface = spec->interface ? qemu_escaped(spec->interface) : NULL;
	int r;

	if (spec->network != QEMU_NETWORK_USER && spec->publish.n)
		return werr_set(err, WERR_USAGE, "ports can't be published without a %snetwork",
			spec->network == QEMU_NETWORK_NONE ? "" : "user ");
	r = check_netboot(spec, err);
	if (r < 0)
		return r;
	switch (spec->network) {
	case QEMU_NETWORK_NONE:
		return 0;
	case QEMU_NETWORK_USER:
		r = user_network(&b, spec, err);
		if (r < 0)
			return r;
		break;
	case QEMU_NETWORK_TAP:
		buf_printf(&b, "tap,id=net0,ifname=%s,script=no,downscript=no", interface);
		break;
	case QEMU_NETWORK_BRIDGE:
		buf_printf(&b, "bridge,id=net0,br=%s", interface);
		break;
	case QEMU_NETWORK_LAN:
		buf_printf(&b, "socket,id=net0,mcast=%s,localaddr=127.0.0.1", interface);
		break;
	}
	add(v, "-netdev", buf_str(&b));
	/* A boot ROM only to boot from the network, as it costs time. */
	strv_add(v, "-device");
	strv_addf(v, "virtio-net-pci,netdev=net0%s%s%s",
		spec->netboot ? ",bootindex=0" : ",romfile=", spec->mac ? ",mac=" : "",
		spec->mac ? spec->mac : "");
	return 0;
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

/* What virtiofsd answers with is written to the guest's memory, so that has to be shared. */
static void add_shares(struct strv *v, const struct qemu_spec *spec)
{
	CLEANUP(free) char *dir = NULL;

	if (!spec->shares || !spec->shares->n)
		return;
	dir = qemu_escaped(spec->share_dir);
	strv_add(v, "-object");
	strv_addf(v, "memory-backend-memfd,id=mem,size=%lluM,share=on",
		(unsigned long long)spec->mem_mib);
	add(v, "-numa", "node,memdev=mem");
	for (size_t i = 0; i < spec->shares->n; i++) {
		strv_add(v, "-chardev");
		strv_addf(v, "socket,id=share%zu,path=%s/virtiofs%zu", i, dir, i);
		strv_add(v, "-device");
		strv_addf(v, "vhost-user-fs-pci,chardev=share%zu,tag=virtiofs%zu", i, i);
	}
}

static void add_machine(struct strv *v, const struct arch_qemu *m, const struct qemu_spec *spec)
{
	const char *more = spec->firmware ? spec->firmware->row->machine : NULL;
	bool kvm = spec->accel == QEMU_ACCEL_KVM;

	strv_add(v, spec->program ? spec->program : m->program);
	/* Only what is given here: no default devices, no configuration of the user's. */
	strv_add(v, "-nodefaults");
	strv_add(v, "-no-user-config");
	if (spec->gui)
		add(v, "-vga", m->screen);
	else
		add(v, "-display", "none");
	strv_add(v, "-M");
	strv_addf(v, "%s%s%s", m->machine, more ? "," : "", more ? more : "");
	add(v, "-accel", kvm ? "kvm" : "tcg");
	add(v, "-cpu", kvm ? "host" : m->cpu);
	strv_add(v, "-m");
	strv_addf(v, "%llu", (unsigned long long)spec->mem_mib);
	strv_add(v, "-smp");
	strv_addf(v, "%llu", (unsigned long long)spec->cpus);
	add_shares(v, spec);
	if (spec->no_reboot || spec->exit_on_panic)
		strv_add(v, "-no-reboot");
}

/* Whether one of the words of a command line is console=NAME, with any name when it is NULL. */
static bool has_console(const char *cmdline, const char *name)
{
	size_t size = name ? strlen(name) : 0;

	for (const char *p = cmdline; p && (p = strstr(p, "console=")); p++) {
		const char *value = p + strlen("console=");

		if (p > cmdline && !strchr(" \"", p[-1]))
			continue;
		if (!name || (strncmp(value, name, size) == 0 && strchr(" ,\"", value[size])))
			return true;
	}
	return false;
}

/* Nothing would be seen of a guest that does not know this machine's serial port. */
static bool lacks_console(const struct qemu_spec *spec, const struct arch_qemu *m)
{
	bool any = has_console(spec->cmdline, NULL) || has_console(spec->append, NULL);

	return !spec->gui && !has_console(spec->cmdline, m->console) &&
	       !has_console(spec->append, m->console) && (any || !m->finds_console);
}

/* The console is before the user's words, of which the last one counts for /dev/console. */
static void add_kernel(struct strv *v, const struct arch_qemu *m, const struct qemu_spec *spec)
{
	CLEANUP(free) char *console = str_printf("console=%s", m->console);
	const char *const parts[] = {spec->accel == QEMU_ACCEL_KVM ? NULL : m->cmdline,
		lacks_console(spec, m) ? console : NULL, spec->cmdline, spec->append,
		spec->exit_on_panic ? "panic=-1" : NULL};
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 20);

	if (!spec->kernel)
		return;
	add(v, "-kernel", spec->kernel);
	if (spec->initrd)
		add(v, "-initrd", spec->initrd);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i] && *parts[i])
			buf_printf(&b, "%s%s", b.len ? " " : "", parts[i]);
	add(v, "-append", buf_str(&b));
}

static void add_background(struct strv *v, const char *dir)
{
	CLEANUP(free) char *safe = qemu_escaped(dir);

	strv_add(v, "-daemonize");
	strv_add(v, "-pidfile");
	strv_addf(v, "%s/" MACHINE_PID, dir);
	strv_add(v, "-chardev");
	strv_addf(v,
		"socket,id=console,path=%s/" MACHINE_CONSOLE
		",server=on,wait=off,logfile=%s/" MACHINE_LOG ",logappend=off",
		safe, safe);
	add(v, "-serial", "chardev:console");
}

/*
 * The ports that the supervisor is asked through; number 0 comes last (contract/outside.h). The
 * device has room for one more, since QEMU keeps its first port for a console.
 */
static void add_outside(struct strv *v, const char *dir)
{
	CLEANUP(free) char *safe = qemu_escaped(dir);

	strv_add(v, "-qmp");
	strv_addf(v, "unix:%s/" MACHINE_CONTROL ",server=on,wait=off", safe);
	strv_add(v, "-device");
	strv_addf(v, "virtio-serial-pci,max_ports=%d", VM_WIRES + 1);
	for (unsigned i = VM_WIRES; i-- > 0;) {
		strv_add(v, "-chardev");
		strv_addf(v, "socket,id=outside%u,path=%s/" MACHINE_OUTSIDE "%u,server=on,wait=off",
			i, safe, i);
		strv_add(v, "-device");
		strv_addf(v, "virtserialport,chardev=outside%u,name=" OUTSIDE_PORTS "%u", i, i);
	}
}

static void add_console(struct strv *v, const struct qemu_spec *spec)
{
	if (spec->detached)
		add_background(v, spec->detached);
	else
		add(v, "-serial", spec->gui ? "vc" : spec->terminal ? "mon:stdio" : "stdio");
	if (spec->outside)
		add_outside(v, spec->outside);
	if (spec->control) {
		CLEANUP(free) char *path = qemu_escaped(spec->control);

		strv_add(v, "-qmp");
		strv_addf(v, "unix:%s,server=on,wait=off", path);
	}
}

/* The firmware measures with it what it starts. */
static void add_tpm(struct strv *v, const struct arch_qemu *m, const struct qemu_spec *spec)
{
	CLEANUP(free) char *dir = NULL;

	if (!spec->tpm)
		return;
	dir = qemu_escaped(spec->share_dir);
	strv_add(v, "-chardev");
	strv_addf(v, "socket,id=tpm,path=%s/" MACHINE_TPM, dir);
	add(v, "-tpmdev", "emulator,id=tpm0,chardev=tpm");
	strv_add(v, "-device");
	strv_addf(v, "%s,tpmdev=tpm0", m->tpm);
}

static void add_devices(struct strv *v, const struct arch_qemu *m, const struct qemu_spec *spec)
{
	const char *device;

	add(v, "-device", "virtio-rng-pci");
	if (m->button)
		add(v, "-device", m->button);
	if (spec->usb)
		strv_add(v, "-usb");
	if (spec->devices)
		STRV_FOREACH (device, spec->devices)
			add(v, "-device", device);
}

/* QEMU's fw_cfg has names of at most 55 bytes (docs/specs/fw_cfg.rst). */
static int add_credentials(struct strv *v, const struct qemu_spec *spec, struct werr **err)
{
	enum { NAME_BYTES = 55 - (int)sizeof(CREDENTIALS) + 1 };
	const char *text;

	if (!spec->credentials)
		return 0;
	STRV_FOREACH (text, spec->credentials) {
		size_t n = strcspn(text, "=");
		CLEANUP(free) char *file = text[n] ? qemu_escaped(text + n + 1) : NULL;

		if (!n || !file || !*file)
			return werr_set(err, WERR_USAGE,
				"credential '%s' is not of the form NAME=FILE", text);
		if (n > NAME_BYTES || strcspn(text, "/,") < n)
			return werr_set(err, WERR_USAGE,
				"credential '%s': a name has no slash, no comma, and at most %d "
				"bytes",
				text, NAME_BYTES);
		strv_add(v, "-fw_cfg");
		strv_addf(v, "name=" CREDENTIALS "%.*s,file=%s", (int)n, text, file);
	}
	return 0;
}

/* Of the two, a machine has room for one. */
static int check_kernel(const struct qemu_spec *spec, struct werr **err)
{
	if (!spec->kernel || !spec->firmware || spec->firmware->row->kind != VM_FIRMWARE_U_BOOT)
		return 0;
	werr_set(
		err, WERR_UNSUPPORTED, "U-Boot starts no kernel that QEMU loads: %s", spec->kernel);
	werr_hint(err, "boot a disk or a program for UEFI, such as: wherry build --format uki");
	return werr_code(WERR_UNSUPPORTED);
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
	if (spec->gui && !m->screen)
		return werr_set(
			err, WERR_UNSUPPORTED, "only a PC can have a screen, not %s", spec->arch);
	r = check_kernel(spec, err);
	if (r < 0)
		return r;
	add_machine(&v, m, spec);
	add_console(&v, spec);
	add_devices(&v, m, spec);
	add_tpm(&v, m, spec);
	r = add_credentials(&v, spec, err);
	if (r == 0)
		r = add_network(&v, spec, err);
	if (r < 0)
		return r;
	qemu_add_drives(&v, spec, m->has_scsi);
	add_kernel(&v, m, spec);
	*ret = v;
	v = (struct strv){0};
	return 0;
}
