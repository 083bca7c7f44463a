/* SPDX-License-Identifier: Apache-2.0 */
/* The outputs that a test boots, and the machines that it makes of them. */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/path.h"
#include "cli/test-matrix.h"

/* The file's, and then the row's. */
static int add_maps(struct verb_options *o, const struct node *first, const struct node *second,
	struct werr **err)
{
	int r = verb_options_add_map(o, first, err);

	return r < 0 ? r : verb_options_add_map(o, second, err);
}

/* ---- building ---- */

bool test_build_is_needed(const struct test_matrix *m, const struct test_build *b)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->cells[i].build == b && m->results[i].outcome == PROBE_NOT_RUN)
			return true;
	return false;
}

static int build_options(const struct test_matrix *m, const struct test_build *b,
	struct verb_options *o, struct werr **err)
{
	const struct probe_file *f = m->file;
	int r = add_maps(o, f->build, b->row->build, err);

	for (size_t i = 0; f->set && r == 0 && i < f->set->n; i++)
		r = verb_options_addf(
			o, err, "--set=%s=%s", f->set->keys[i]->text, f->set->items[i]->text);
	if (r == 0)
		r = verb_options_addf(o, err, "--format=%s", b->format);
	if (r == 0 && *b->root)
		r = verb_options_addf(o, err, "--root=%s", b->root);
	if (r == 0 && !str_eq(b->arch, m->host.arch))
		r = verb_options_addf(o, err, "--arch=%s", b->arch);
	if (r == 0)
		r = verb_options_addf(o, err, "--dir=%s", b->dir);
	if (r == 0)
		r = verb_options_addf(o, err, "--name=%s", m->name);
	return r < 0 ? r : verb_options_finish(o, err);
}

/* What `run` takes: the only file, the format's directory, or what all names begin with. */
static char *path_to_run(
	const struct test_matrix *m, const struct test_build *b, const struct build_report *report)
{
	const char *first = report->outputs[0].path;
	CLEANUP(free) char *dir = path_dir(first);

	if (report->n == 1)
		return str_dup(first);
	return str_eq(dir, b->dir) ? path_join(b->dir, m->name) : STEAL(dir);
}

int test_build_make(
	struct context *ctx, const struct test_matrix *m, struct test_build *b, struct werr **err)
{
	CLEANUP(verb_options) struct verb_options o = {0};
	CLEANUP(build_report) struct build_report report = {0};
	struct werr *why = NULL;
	int r;

	verb_options_begin(&o, &command_build);
	r = build_options(m, b, &o, &why);
	if (r == 0)
		r = verb_build(
			ctx, o.values, (const char *const *)m->file->os.items, &report, &why);
	/* A mistake in a file, or Ctrl-C, is the same for all formats. An image that lacks an
	 * architecture is not. */
	if (r < 0 && why &&
		((why->file && why->kind == WERR_INVALID) || why->kind == WERR_CANCELLED)) {
		werr_pass(err, why);
		return r;
	}
	b->why = why;
	if (r == 0)
		b->path = path_to_run(m, b, &report);
	return 0;
}

/* ---- machines ---- */

static int reserve_ports(const struct test_matrix *m, struct test_cell *c, struct werr **err)
{
	int r = 0;

	c->ports = mem_new_array(struct probe_port, m->n_ports);
	for (size_t i = 0; i < m->n_ports; i++)
		c->ports[i].fd = -1;
	for (size_t i = 0; r == 0 && i < m->n_ports; i++)
		r = probe_port_reserve(m->ports[i], &c->ports[i], err);
	for (size_t i = 0; r == 0 && i < m->n_ports; i++)
		r = verb_options_addf(
			&c->options, err, "--publish=%u:%u", c->ports[i].host, c->ports[i].guest);
	return r;
}

/* What the output is signed by is all that is trusted. */
static int add_secure_boot(const struct test_matrix *m, struct test_cell *c, struct werr **err)
{
	const char *certificate = node_get_text(c->row->build, "sign-cert");

	if (!certificate)
		certificate = node_get_text(m->file->build, "sign-cert");
	if (certificate)
		return verb_options_addf(&c->options, err, "--secure-boot=%s", certificate);
	werr_set(err, WERR_INVALID, "Secure Boot needs an output that is signed");
	werr_hint(err, "build: {sign-key: KEY.pem, sign-cert: CERT.pem}");
	return werr_code(WERR_INVALID);
}

static int add_firmware(const struct test_matrix *m, struct test_cell *c,
	enum probe_firmware firmware, struct werr **err)
{
	static const char *const options[PROBE_FIRMWARES] = {
		[PROBE_DIRECT] = "--kernel", [PROBE_UEFI] = "--uefi", [PROBE_U_BOOT] = "--u-boot"};

	if (firmware == PROBE_SECURE_BOOT)
		return add_secure_boot(m, c, err);
	return options[firmware] ? verb_options_add(&c->options, options[firmware], err) : 0;
}

static int describe(const struct context *ctx, const struct test_matrix *m, struct test_cell *c,
	const struct probe_cell *result, struct werr **err)
{
	int r;

	verb_options_begin(&c->options, &command_run);
	r = add_maps(&c->options, m->file->run, c->row->run, err);
	if (r == 0)
		r = reserve_ports(m, c, err);
	if (r == 0)
		r = verb_options_addf(&c->options, err, "--state=%s", c->dir);
	if (r == 0)
		r = verb_options_addf(&c->options, err, "--arch=%s", result->arch);
	if (r == 0 && !c->any_firmware)
		r = add_firmware(m, c, result->firmware, err);
	if (r == 0)
		r = verb_options_finish(&c->options, err);
	if (r == 0)
		r = verb_describe_machine(ctx, c->options.values, c->build->path, &c->machine, err);
	return r;
}

/* By what the machine is started, as it is ready now. */
static int check_firmware(const struct test_cell *c, struct probe_cell *result, struct werr **err)
{
	static const enum probe_firmware found[VM_FIRMWARE_KINDS] = {
		[VM_FIRMWARE_UEFI] = PROBE_UEFI,
		[VM_FIRMWARE_SECURE] = PROBE_SECURE_BOOT,
		[VM_FIRMWARE_U_BOOT] = PROBE_U_BOOT};
	const struct qemu_spec *spec = &c->machine.spec;

	if (c->any_firmware)
		result->firmware = spec->firmware ? found[spec->firmware->row->kind]
				   : spec->kernel ? PROBE_DIRECT
						  : PROBE_BIOS;
	if (result->firmware == PROBE_BIOS && spec->firmware)
		return werr_set(err, WERR_FAILED, "%s can only be started by UEFI", c->build->path);
	return 0;
}

int test_cell_prepare(
	const struct context *ctx, const struct test_matrix *m, size_t i, struct werr **err)
{
	struct test_cell *c = &m->cells[i];
	struct werr *why = NULL;
	int r;

	if (!c->build->path) {
		werr_set(&why, WERR_FAILED, "it can't be built: %s%s%s%s", c->build->why->message,
			c->build->why->hint ? " (" : "",
			c->build->why->hint ? c->build->why->hint : "",
			c->build->why->hint ? ")" : "");
		probe_cell_end(&m->results[i], PROBE_FAILED, why);
		return 0;
	}
	r = describe(ctx, m, c, &m->results[i], &why);
	if (r == 0)
		r = check_firmware(c, &m->results[i], &why);
	if (r < 0 && why->kind == WERR_CANCELLED) {
		werr_pass(err, why);
		return r;
	}
	if (r < 0)
		probe_cell_end(&m->results[i], PROBE_FAILED, why);
	/* Here, so that it is not said of every machine that this is slow. */
	if (r == 0 && c->machine.spec.accel == QEMU_ACCEL_AUTO)
		c->machine.spec.accel =
			qemu_kvm_works(m->results[i].arch) ? QEMU_ACCEL_KVM : QEMU_ACCEL_TCG;
	return 0;
}
