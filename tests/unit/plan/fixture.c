/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"

enum { TEXT_SIZE_MAX = 1 << 20 };

#define CAPABILITY  "SCHILY.xattr.security.capability"
#define NAME(name_) "docker.io/library/" name_ ":latest"

static const struct sample_image images[] = {
	{
		.name = NAME("kernel"),
		.items = {{"kernel", 0, "a kernel"}, {"vmlinuz", 0, "another kernel"},
			{"ucode.cpio", 0, "microcode"}, {"dir/", '5'}},
		.modules = {{"./", '5', NULL, 0711}, {"lib/modules/6.1/a.ko", 0, "a module"}},
	},
	{
		.name = NAME("init"),
		.items = {{"init", 0, "first", 0755}, {"etc/os", 0, "ours"}, {"usr/bin/", '5'},
			{"bin", '2', "usr/bin"}},
	},
	{
		.name = NAME("tools"),
		.items = {{"bin/ls", 0, "lists", 0755}, {"bin/dir", '1', "bin/ls"}},
	},
	{
		.name = NAME("app"),
		.items = {{"bin/app", 0, "runs", 0755}, {"bin/link", '1', "bin/app"},
			{"etc/", '5', NULL, 0700}, {"etc/conf", '2', "/etc/real"}},
		.entrypoint = "/bin/app",
	},
	{
		.name = NAME("www"),
		.items = {{"etc/passwd", 0, "www:x:33:34::/:/bin/sh\n"}, {"srv/", '5'}},
		.entrypoint = "/bin/www",
		.user = "www",
		.label = "{\"capabilities\": [\"CAP_NET_BIND_SERVICE\"]}",
	},
	{
		.name = NAME("su"),
		.items = {{"bin/su", 0, "rises", 04755},
			{"bin/ping", 0, "asks", 0755, .pax = CAPABILITY "=x\n"}},
		.entrypoint = "/bin/su",
	},
};

static struct buf warnings = BUF_INIT(TEXT_SIZE_MAX);

static void on_line(ATTR_UNUSED enum log_level level, const char *line, ATTR_UNUSED void *ctx)
{
	buf_printf(&warnings, "%s\n", line);
}

char *fixture_warnings(void)
{
	char *text = str_dup(buf_str(&warnings));

	buf_truncate(&warnings, 0);
	return text;
}

void fixture_restore_images(const struct fixture *f)
{
	struct werr *err = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(images); i++)
		assert_ok(sample_image_put(f->store, &images[i], &err), err);
}

static void change(const struct fixture *f, struct sample_image image)
{
	struct werr *err = NULL;
	size_t n = 0;

	while (image.items[n].name)
		n++;
	image.items[n] = (struct item){"changed", 0, "changed"};
	assert_ok(sample_image_put(f->store, &image, &err), err);
}

void fixture_change_image(const struct fixture *f, const char *name)
{
	CLEANUP(free) char *full = str_printf(NAME("%s"), name);

	for (size_t i = 0; i < ARRAY_SIZE(images); i++)
		if (str_eq(images[i].name, full)) {
			change(f, images[i]);
			return;
		}
	fail_msg("there is no image %s", name);
}

int fixture_setup(void **state)
{
	const char *shm = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	struct fixture *f = mem_new(struct fixture);
	CLEANUP(free) char *store = NULL;
	struct werr *err = NULL;

	*state = f;
	assert_ok(file_temp_dir(shm, "wherry-plan", &f->dir, &err), err);
	assert_int_equal(setenv("XDG_STATE_HOME", f->dir, 1), 0); /* of the pieces' secret */
	store = fixture_path(f, "store");
	assert_ok(store_open(&f->store, store, &err), err);
	fixture_restore_images(f);
	log_setup(LOG_WARNING, on_line, NULL);
	return 0;
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;
	int r = file_remove_all(f->dir, NULL);

	store_free(f->store);
	buf_clear(&warnings);
	free(f->dir);
	free(f);
	return r;
}

char *fixture_path(const struct fixture *f, const char *name)
{
	return str_printf("%s/%s", f->dir, name);
}

void fixture_write(const struct fixture *f, const char *name, const char *text)
{
	CLEANUP(free) char *path = fixture_path(f, name);
	struct werr *err = NULL;

	assert_ok(file_write_atomic(path, 0644, text, strlen(text), &err), err);
}

char *fixture_read(const struct fixture *f, const char *name)
{
	CLEANUP(free) char *path = fixture_path(f, name);
	char *text = NULL;
	size_t size;

	return file_read(path, TEXT_SIZE_MAX, &text, &size, NULL) < 0 ? NULL : text;
}

void planned_cleanup(struct planned *p)
{
	if (p->plan)
		plan_free(p->plan);
	if (p->config)
		config_free(p->config);
}

/* "@pkg:DIR/www" is the image "www". */
static void name_packages(struct config_package *packages, size_t n, ATTR_UNUSED struct werr **errs,
	ATTR_UNUSED void *ctx)
{
	for (size_t i = 0; i < n; i++)
		packages[i].image = path_base(packages[i].word);
}

int fixture_plan(
	const struct fixture *f, const struct sample_os *os, struct planned *ret, struct werr **err)
{
	const struct config_text text = {"os.yml", os->yaml, strlen(os->yaml)};
	struct resolve_options from = {.store = f->store};
	const struct config_options loading = {
		.platform = &from.platform, .compat = os->compat, .find_packages = name_packages};

	*ret = (struct planned){0};
	assert_ok(platform_parse("linux/amd64", &from.platform, err), *err);
	assert_ok(config_load_texts(&text, 1, &loading, &ret->config, err), *err);
	return plan_make(&ret->plan, ret->config, &from, &os->options, err);
}

struct planned fixture_must_plan(const struct fixture *f, const struct sample_os *os)
{
	struct planned p;
	struct werr *err = NULL;

	assert_ok(fixture_plan(f, os, &p, &err), err);
	return p;
}

const struct part *fixture_part(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->parts[i].name, name))
			return &p->parts[i];
	return NULL;
}

char *fixture_errors(const struct werr *err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(TEXT_SIZE_MAX);

	for (; err; err = err->next)
		buf_printf(&text, "%u:%u: %s\n", err->line, err->column, err->message);
	return str_dup(buf_str(&text));
}
