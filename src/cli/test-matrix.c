/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/test-matrix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "contract/outputs.h"
#include "vm/firmware.h"
#include "vm/preflight.h"

/* ---- options ---- */

/* By the name alone: a variant is for the images to have. */
static int find_arch(const char *text, struct werr **err)
{
	struct platform p;
	int r = platform_parse(text, &p, err);

	if (r < 0 || arch_find_any(text))
		return r;
	return werr_set(err, WERR_INVALID, "'%.80s' is more than an architecture", text);
}

/* Formats, roots and architectures are what the option of build takes. */
static void check_word(struct checker *c, const char *option, const struct node *value)
{
	CLEANUP(verb_options) struct verb_options o = {0};
	const struct format *f = str_eq(option, "format") ? format_find(value->text) : NULL;
	struct werr *err = NULL;

	verb_options_begin(&o, &command_build);
	if (verb_options_addf(&o, &err, "--%s=%s", option, value->text) < 0 ||
		(str_eq(option, "arch") && find_arch(value->text, &err) < 0))
		checker_take(c, value, err);
	if (!f || !f->is_not_run)
		return;
	checker_add(c, value, "`wherry run` boots no machine of format %s", f->name);
	checker_hint(c, "leave it out; the default is kernel+initrd");
}

static void check_row(struct checker *c, const struct node *row)
{
	static const char *const keys[] = {"format", "root", "arch"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct node *list = node_get(row, keys[i]);

		for (size_t k = 0; list && list->kind == NODE_LIST && k < list->n; k++)
			if (list->items[k]->kind == NODE_SCALAR)
				check_word(c, keys[i], list->items[k]);
	}
}

void test_check_words(struct checker *c, const struct node *map, enum probe_map which)
{
	static const char *const of_build[] = {
		"arch", "dir", "dry-run", "format", "name", "o", "output", NULL};
	static const char *const of_run[] = {"arch", "control", "detached", "exit-on-panic", "gui",
		"iso", "kernel", "no-reboot", "publish", "secure-boot", "state", "u-boot", "uefi",
		NULL};

	if (which == PROBE_MAP_ROW)
		check_row(c, map);
	else if (which == PROBE_MAP_RUN)
		verb_options_check(c, &command_run, map, of_run);
	else
		verb_options_check(c, &command_build, map, of_build);
}

/* ---- the cells ---- */

static bool has_kernel(const struct format *f)
{
	for (size_t i = 0; i < FORMAT_FILES_MAX && f->files[i].suffix; i++)
		if (str_eq(f->files[i].suffix, OUTPUT_KERNEL))
			return true;
	return false;
}

/* What it probably is; the output will show it. */
static enum probe_firmware default_firmware(const char *format, const char *arch)
{
	const struct format *f = format_find(format);
	const struct arch *a = arch_find(arch);

	if (f && has_kernel(f))
		return PROBE_DIRECT;
	return a && !a->has_bios ? PROBE_UEFI : PROBE_BIOS;
}

static struct test_build *get_build(
	struct test_matrix *m, size_t *cap, const struct probe_row *row, const struct probe_cell *c)
{
	struct test_build *b;

	for (size_t i = 0; i < m->n_builds; i++) {
		b = m->builds[i];
		if (b->row->build == row->build && str_eq(b->format, c->format) &&
			str_eq(b->root, c->root) && str_eq(b->arch, c->arch))
			return b;
	}
	b = mem_new(struct test_build);
	*b = (struct test_build){.row = row, .format = c->format, .root = c->root, .arch = c->arch};
	b->dir = str_printf("%s/%zu-%s", m->dir, m->n_builds, c->format);
	mem_grow(&m->builds, m->n_builds, cap, sizeof(struct test_build *));
	m->builds[m->n_builds++] = b;
	return b;
}

/* The words of a list, or the only default. */
static size_t count(const struct strv *list)
{
	return list->n ? list->n : 1;
}

static const char *word(const struct strv *list, size_t i, const char *missing)
{
	return list->n ? list->items[i % list->n] : missing;
}

/* The i-th cell of a row: the firmware changes first, then the root, the format, the architecture.
 */
static struct probe_cell cell_of(const struct test_matrix *m, const struct probe_row *row, size_t i)
{
	size_t firmware = i % count(&row->firmwares), rest = i / count(&row->firmwares);
	const char *text;
	struct probe_cell c = {0};

	c.root = word(&row->roots, rest % count(&row->roots), "");
	rest /= count(&row->roots);
	c.format = word(&row->formats, rest % count(&row->formats), "kernel+initrd");
	rest /= count(&row->formats);
	/* Checked: see check_word(). */
	c.arch = arch_find_any(word(&row->arches, rest, m->host.arch))->name;
	text = word(&row->firmwares, firmware, NULL);
	c.firmware = default_firmware(c.format, c.arch);
	for (size_t k = 0; text && k < PROBE_FIRMWARES; k++)
		if (str_eq(text, probe_firmwares[k]))
			c.firmware = (enum probe_firmware)k;
	return c;
}

static size_t count_row(const struct probe_row *row)
{
	return count(&row->formats) * count(&row->roots) * count(&row->firmwares) *
	       count(&row->arches);
}

static void add_cells(struct test_matrix *m)
{
	const struct probe_file *f = m->file;
	size_t cap = 0;

	m->results = mem_new_array(struct probe_cell, m->n);
	m->cells = mem_new_array(struct test_cell, m->n);
	m->n = 0;
	for (size_t i = 0; i < f->n_rows; i++)
		for (size_t k = 0; k < count_row(&f->rows[i]); k++) {
			struct test_cell *cell = &m->cells[m->n];

			m->results[m->n] = cell_of(m, &f->rows[i], k);
			cell->row = &f->rows[i];
			cell->any_firmware = !cell->row->firmwares.n;
			cell->build = get_build(m, &cap, cell->row, &m->results[m->n]);
			cell->dir = str_printf("%s/%zu-%s-%s-state", m->dir, m->n,
				m->results[m->n].format,
				probe_firmwares[m->results[m->n].firmware]);
			m->n++;
		}
}

int test_matrix_make(
	struct test_matrix *m, const struct probe_file *f, const char *dir, struct werr **err)
{
	CLEANUP(free) char *base = path_base(f->os.items[f->os.n - 1]);

	m->file = f;
	m->dir = str_dup(dir);
	m->name = str_dup_n(base, strcspn(base, "."));
	platform_host(&m->host);
	for (size_t i = 0; i < f->n_rows && m->n <= PROBE_CELLS_MAX; i++)
		m->n += count_row(&f->rows[i]);
	if (m->n > PROBE_CELLS_MAX) {
		m->n = 0;
		return werr_set(
			err, WERR_LIMIT, "the matrix has more than %d cells", PROBE_CELLS_MAX);
	}
	m->n_ports = probe_file_ports(f, &m->ports);
	add_cells(m);
	return 0;
}

void test_matrix_cleanup(struct test_matrix *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct test_cell *c = &m->cells[i];

		probe_cell_cleanup(&m->results[i]);
		for (size_t k = 0; c->ports && k < m->n_ports; k++)
			probe_port_release(&c->ports[k]);
		free(c->ports);
		free(c->dir);
		verb_machine_cleanup(&c->machine);
		verb_options_cleanup(&c->options);
	}
	for (size_t i = 0; i < m->n_builds; i++) {
		free(m->builds[i]->dir);
		free(m->builds[i]->path);
		werr_free(m->builds[i]->why);
		free(m->builds[i]);
	}
	free(m->builds);
	free(m->cells);
	free(m->results);
	free(m->ports);
	free(m->name);
	free(m->dir);
}

/* ---- what this machine has ---- */

static bool is_given(const struct probe_file *f, const struct probe_row *row, const char *option)
{
	return node_get(f->run, option) || node_get(row->run, option);
}

/* Of the words of `firmware`. */
static const enum vm_firmware_kind kinds[PROBE_FIRMWARES] = {
	[PROBE_UEFI] = VM_FIRMWARE_UEFI,
	[PROBE_SECURE_BOOT] = VM_FIRMWARE_SECURE,
	[PROBE_U_BOOT] = VM_FIRMWARE_U_BOOT,
};

static int check_here(const struct test_matrix *m, const struct test_cell *cell,
	const struct probe_cell *c, struct werr **err)
{
	CLEANUP(vm_firmware_found) struct vm_firmware_found found = {0};
	const struct arch *a = arch_find(c->arch);
	int r = is_given(m->file, cell->row, "qemu") ? 0 : vm_program_find(c->arch, err);

	if (r < 0 || cell->any_firmware || c->firmware == PROBE_DIRECT)
		return r;
	if (c->firmware == PROBE_BIOS)
		return a && a->has_bios
			       ? 0
			       : werr_set(err, WERR_UNSUPPORTED, "%s has no BIOS", c->arch);
	if (is_given(m->file, cell->row, "fw"))
		return 0;
	return vm_firmware_find(c->arch, NULL, &kinds[c->firmware], 1, &found, err);
}

void test_matrix_skip(struct test_matrix *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct werr *why = NULL;

		if (check_here(m, &m->cells[i], &m->results[i], &why) < 0)
			probe_cell_end(&m->results[i], PROBE_SKIPPED, why);
	}
}
