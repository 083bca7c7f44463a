/* SPDX-License-Identifier: Apache-2.0 */
/* run: what was built, in a virtual machine. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/boot-chart.h"
#include "cli/result.h"
#include "cli/verbs.h"
#include "contract/outputs.h"
#include "oci/platform.h"
#include "vm/foreign-disk.h"
#include "vm/machines.h"

static int run_machine(const struct qemu_spec *spec, const char *path, struct werr **err)
{
	int code = 0, r = qemu_run(spec, &code, err);

	if (r < 0 || code == 0)
		return r;
	return werr_set(err, WERR_FAILED, "QEMU ended with exit code %d while running %s", code,
		spec->kernel ? spec->kernel : path);
}

static int start_machine(const struct context *ctx, const struct qemu_spec *spec,
	const struct vm_state *state, struct chart *chart, struct werr **err)
{
	CLEANUP(vm_machine) struct vm_machine m = {0};
	int r = vm_machine_start(spec, state->dir, &m, err);

	if (r < 0)
		return r;
	log_info("wherry run stop %s ends it; its console is in %s", m.name, state->dir);
	r = result_show_machine(ctx, &m, err);
	return r == 0 && chart ? chart_make(chart, &m, err) : r;
}

/* It would boot, signed or not, which would look like Secure Boot. */
static int refuse_kernel(const char *kernel, struct werr **err)
{
	werr_set(err, WERR_UNSUPPORTED,
		"no firmware verifies %s: QEMU hands over kernels, and is trusted", kernel);
	werr_hint(err, "boot what the firmware loads, such as: wherry build --format uki "
		       "--sign-key KEY --sign-cert CERT");
	return werr_code(WERR_UNSUPPORTED);
}

static int find_files(const struct qemu_options *o, const char *path, const struct boot_wish *wish,
	struct boot_files *ret, struct werr **err)
{
	int r = boot_files_find(path, wish, ret, err);

	if (r == 0 && ret->other)
		log_info("the root is the %s; --root %s takes the other", ret->kind, ret->other);
	if (r == 0 && !ret->kernel && o->append) {
		werr_set(err, WERR_USAGE,
			"%s has a boot loader, which --append can't tell anything", path);
		werr_hint(err, "build it with more in kernel.cmdline, or run kernel+initrd");
		return werr_code(WERR_USAGE);
	}
	return r == 0 && ret->kernel && o->secure_boot ? refuse_kernel(ret->kernel, err) : r;
}

/* The disk that is booted is the first one; the list has room. */
static int add_boot_disk(struct qemu_spec *spec, const char *path, struct werr **err)
{
	struct qemu_disk disk;
	int r = foreign_disk_find(path, &disk, err);

	if (r < 0)
		return r;
	if (disk.is_kept)
		log_info("%s can't be written to: what the machine writes is forgotten", path);
	memmove(&spec->disks[1], spec->disks, spec->n_disks * sizeof(*spec->disks));
	spec->disks[0] = disk;
	spec->n_disks++;
	spec->boot_disk = path;
	return 0;
}

/* A firmware or a machine of another kind starts none of it, and waits. */
static void warn_of_arch(const char *path, const struct boot_files *files, const char *wanted)
{
	if (wanted && files->arch && !str_eq(wanted, files->arch))
		log_warning("%s looks like one for %s, and the machine is for %s (--arch)", path,
			files->arch, wanted);
}

static void set_files(
	struct qemu_spec *spec, const struct boot_files *files, const struct platform *host)
{
	const struct arch *a;

	if (!spec->arch)
		spec->arch = files->arch ? files->arch : host->arch;
	spec->kernel = files->kernel;
	spec->initrd = files->initrd;
	spec->root = files->root;
	spec->cmdline = files->cmdline;
	spec->boot_cd = files->cd;
	a = arch_find(spec->arch);
	spec->uefi = files->uefi || ((files->disk || files->cd) && a && !a->has_bios);
	spec->netboot = files->netboot;
	spec->terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* Outputs on this machine, else an artifact; *path then becomes that of its files. */
static int find_outputs(const struct context *ctx, const struct qemu_options *o, const char **path,
	struct verb_machine *m, struct werr **err)
{
	const char *root = o->squashfs ? "squashfs" : o->root;
	struct boot_wish wish = {o->kernel || root, o->iso, root, m->spec.scsi, m->spec.arch};
	struct werr *why = NULL;
	int r = run_image_is_file(*path) ? -ENOENT : find_files(o, *path, &wish, &m->files, &why);

	if (r == -ENOENT) {
		r = run_image_find(ctx, o, *path, &m->image, err);
		if (r == 0 && !m->image.path)
			r = -ENOENT;
		else
			werr_free(STEAL(why));
		if (r == 0) {
			wish.arch = m->spec.arch = m->spec.arch ? m->spec.arch : m->image.arch;
			r = find_files(o, m->image.path, &wish, &m->files, err);
			werr_wrap(err, "%s", *path);
			*path = m->image.path;
		}
	}
	if (why)
		werr_pass(err, why);
	return r;
}

int verb_describe_machine(const struct context *ctx, const struct qemu_options *o, const char *path,
	struct verb_machine *m, struct werr **err)
{
	struct qemu_options for_state = *o;
	struct qemu_spec *spec = &m->spec;
	const char *boot_disk = NULL;
	int r = qemu_options_apply(o, ctx->as_linuxkit, spec, err);

	if (r == 0)
		r = find_outputs(ctx, o, &path, m, err);
	if (r < 0)
		return r;
	if (m->image.path)
		for_state.state = m->image.state;
	vm_state_begin(&for_state, path, &m->state);
	if (m->files.disk)
		r = vm_state_find_disk(&m->state, &m->files, &boot_disk, err);
	if (r < 0)
		return r;
	platform_host(&m->host);
	warn_of_arch(path, &m->files, spec->arch);
	set_files(spec, &m->files, &m->host);
	spec->snapshot |= m->image.temporary != NULL;
	r = vm_state_fill(&for_state, spec, &m->state, err);
	if (r == 0 && boot_disk && boot_disk == m->files.disk && spec->snapshot)
		log_info("what the machine writes to its disk is forgotten; --state DIR keeps it");
	if (r == 0 && boot_disk)
		r = add_boot_disk(spec, boot_disk, err);
	return r;
}

void verb_machine_cleanup(struct verb_machine *m)
{
	qemu_spec_cleanup(&m->spec);
	vm_state_cleanup(&m->state);
	boot_files_cleanup(&m->files);
	run_image_cleanup(&m->image);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct qemu_options *o = values;
	CLEANUP(verb_machine) struct verb_machine m = {0};
	CLEANUP(chart) struct chart *chart = NULL;
	int r = verb_describe_machine(ctx, o, operands[0], &m, err);

	if (r == 0)
		r = chart_new(o->boot_chart, &chart, err);
	if (r == 0 && o->detached)
		return start_machine(ctx, &m.spec, &m.state, chart, err);
	if (r == 0)
		r = chart_begin(chart, err);
	return r < 0 ? r : run_machine(&m.spec, operands[0], err);
}

const struct command command_run = {
	.name = "run",
	.also = "qemu",
	.summary = "Run what was built in QEMU, with its console on this terminal",
	.operands = "PATH",
	.operands_min = 1,
	.operands_max = 1,
	.text = "`wherry run qemu` is the same, also with options before `qemu`. PATH stands for "
		"PATH-kernel, PATH-initrd.img and PATH-cmdline, which `wherry build --format "
		"kernel+initrd` writes. Without a PATH-initrd.img, or with --root, the "
		"PATH-squashfs.img or PATH-erofs.img that --format kernel+squashfs or "
		"kernel+erofs writes becomes the first disk, read-only, and the kernel's "
		"command line gets root=/dev/vda unless it has a root= of its own; "
		"PATH-boot-initrd.img, if there is one, finds it. Without a PATH-kernel, PATH "
		"is the image of a disk with a boot loader (one that only UEFI can boot needs no "
		"--uefi), if it ends in .iso of a CD, or a unified kernel image; what --format "
		"pxe wrote is booted from the machine's network. PATH can also be the NAME-oci.tar "
		"of --format oci, or the name of such an image in the cache or, if it begins with "
		"its registry's, there; its files are put below the state directory if --state or "
		"--detached is given, else into a temporary one, and then nothing is kept of what "
		"the machine writes. The guest's serial console is "
		"on the terminal: Ctrl-C goes to the guest, Ctrl-A X leaves, Ctrl-A H lists the "
		"other keys. QEMU's exact command line is shown with -v 2. In emulation, the "
		"command line of a PC's kernel begins with no_timer_check.\n"
		"\n"
		"    wherry run --publish 8080:80 --mem 512 nginx",
	.options = (const struct option_group[]){{.options = qemu_options}, {0}},
	.size = sizeof(struct qemu_options),
	.run = run,
};
