/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What LinuxKit makes of a YAML file and images, and we too: each directory of fixtures/ has
 * os.yml, the images' configurations in images/, and the expected files in config/SECTION/NAME.json
 * and runtime/SECTION/NAME.json, compared by meaning.
 */
#include "made.h"

#include <dirent.h>

#include "base/file.h"

static struct document *read_json(const char *path)
{
	CLEANUP(free) char *text = NULL;
	struct document *d = NULL;
	struct werr *err = NULL;
	size_t size;

	assert_ok(file_read(path, 1 << 20, &text, &size, &err), err);
	assert_ok(json_parse(path, text, size, &d, &err), err);
	return d;
}

static bool same(const struct node *a, const struct node *b)
{
	if (!a || !b || a->kind != b->kind || a->n != b->n)
		return false;
	if (a->kind == NODE_SCALAR)
		return a->quoted == b->quoted && str_eq(a->text, b->text);
	for (size_t i = 0; i < a->n; i++) {
		const struct node *other =
			a->kind == NODE_MAP ? node_get(b, a->keys[i]->text) : b->items[i];

		if (!same(a->items[i], other))
			return false;
	}
	return true;
}

static void assert_like_file(const char *text, const char *path)
{
	CLEANUP(document) struct document *expected = read_json(path);
	CLEANUP(document) struct document *made = must_parse(path, text);

	if (!same(expected->root, made->root))
		fail_msg("%s differs: %s", path, text);
}

static struct image_config *read_image(const char *dir, const char *image)
{
	CLEANUP(free) char *path = str_printf("%s/images/%s.json", dir, image);
	CLEANUP(free) char *text = NULL;
	struct image_config *config = NULL;
	struct werr *err = NULL;
	size_t size;

	for (char *c = path + strlen(dir) + strlen("/images/"); *c; c++)
		if (*c == '/' || *c == ':')
			*c = '_';
	assert_ok(file_read(path, 1 << 20, &text, &size, &err), err);
	assert_ok(image_config_parse(path, text, size, &config, &err), err);
	return config;
}

/* The directory of the files of an image that an earlier entry has, else NULL. */
static const char *find_shared(
	const struct config *c, size_t before, const char *image, char *const *dirs)
{
	for (size_t i = 0; i < before; i++)
		if (dirs[i] && str_eq(c->containers[i].image, image))
			return dirs[i];
	return NULL;
}

static void check_dir(const char *dir)
{
	static const struct config_options as_linuxkit = {.compat = true};
	CLEANUP(free) char *yaml = str_printf("%s/os.yml", dir);
	const char *paths[] = {yaml};
	CLEANUP(config) struct config *c = NULL;
	struct werr *err = NULL;
	char *dirs[16] = {NULL};

	assert_ok(config_load(paths, 1, &as_linuxkit, &c, &err), err);
	assert_in_range(c->n_containers, 1, ARRAY_SIZE(dirs));
	for (size_t i = 0; i < c->n_containers; i++) {
		const struct config_container *k = &c->containers[i];
		const char *place = str_after(k->dir, "containers/");
		CLEANUP(image_config) struct image_config *image = read_image(dir, k->image);
		CLEANUP(bundle) struct bundle *made = NULL;
		CLEANUP(free) char *config = str_printf("%s/config/%s.json", dir, place);
		CLEANUP(free) char *runtime = str_printf("%s/runtime/%s.json", dir, place);

		assert_ok(bundle_make(c, k, image, NULL, find_shared(c, i, k->image, dirs), &made,
				  &err),
			err);
		dirs[i] = STEAL(made->files_dir);
		assert_like_file(made->config_json, config);
		assert_like_file(made->runtime_json, runtime);
	}
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		free(dirs[i]);
}

static void test_fixtures(void **state)
{
	const char *root = *state;
	DIR *dir = opendir(root);
	struct dirent *d;
	size_t n = 0;

	assert_non_null(dir);
	while ((d = readdir(dir))) {
		CLEANUP(free) char *place = str_printf("%s/%s", root, d->d_name);

		if (d->d_name[0] == '.')
			continue;
		check_dir(place);
		n++;
	}
	closedir(dir);
	assert_true(n > 0);
}

int main(int argc, char **argv)
{
	char here[] = "fixtures";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_fixtures, argc > 1 ? argv[1] : here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
