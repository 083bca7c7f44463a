/* SPDX-License-Identifier: Apache-2.0 */
/* From the images of a configuration to those of a store, without a network. */
#include "resolve/resolve.h"

#include "../config/load.h"
#include "../store/fixture.h"

#define NOWHERE "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* What resolving a configuration gave. */
struct resolved {
	struct config *config;
	struct config_image_use *uses;
	struct image **images;
	size_t n;
};

static void resolved_cleanup(struct resolved *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->images[i])
			store_image_free(r->images[i]);
	free(r->images);
	free(r->uses);
	config_free(r->config);
}

static struct resolve_options options_for(struct store *s)
{
	return (struct resolve_options){.store = s, .platform = {"linux", "amd64", ""}};
}

static int resolve(
	const char *text, const struct resolve_options *o, struct resolved *ret, struct werr **err)
{
	ret->config = must_load(text);
	ret->n = config_images(ret->config, &ret->uses);
	ret->images = mem_new_array(struct image *, ret->n);
	return resolve_images(ret->config, ret->uses, ret->n, o, ret->images, err);
}

static struct lockfile *lock_with(const char *image, const char *digest)
{
	CLEANUP(free)
	char *text = str_printf("{\"version\": 1, \"images\": {\"%s\": {\"digest\": \"%s\", "
				"\"platforms\": {}}}}",
		image, digest);
	struct lockfile *l = NULL;
	struct werr *err = NULL;

	assert_ok(lockfile_parse("os.lock", text, strlen(text), &l, &err), err);
	return l;
}

static void test_images_are_found_in_order(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	const struct resolve_options o = options_for(s);
	CLEANUP(resolved) struct resolved r = {0};
	struct werr *err = NULL;

	fixture_image(s, "b:2", "amd64", "b", NULL);
	fixture_image(s, "a", "amd64", "a", NULL);
	assert_ok(resolve("init: [a]\nservices: [{name: x, image: 'b:2'}, {name: y, image: a}]", &o,
			  &r, &err),
		err);
	assert_int_equal(r.n, 2);
	assert_string_equal(r.images[0]->name, "docker.io/library/a:latest");
	assert_string_equal(r.images[1]->name, "docker.io/library/b:2");
}

static void test_all_that_lack_are_reported(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	const struct resolve_options o = options_for(s);
	CLEANUP(resolved) struct resolved r = {0}, again = {0};
	CLEANUP(werr) struct werr *err = NULL;
	static const char text[] = "init:\n- gone\n- a\n- 'host:5000/other'\n";

	fixture_image(s, "a", "arm64", "a", NULL);
	assert_int_equal(resolve(text, &o, &r, &err), werr_code(WERR_NOT_FOUND));
	assert_string_equal(
		err->message, "image docker.io/library/gone:latest is not in the store");
	assert_string_equal(err->file, "os.yml");
	assert_int_equal(err->line, 2);
	assert_non_null(strstr(err->next->message, "linux/arm64"));
	assert_int_equal(err->next->line, 3);
	assert_int_equal(err->next->next->line, 4);
	assert_null(err->next->next->next);
	/* The same when nobody asks why. */
	assert_int_equal(resolve(text, &o, &again, NULL), werr_code(WERR_NOT_FOUND));
}

static void test_a_locked_name_is_the_image_it_was(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct resolve_options o = options_for(s);
	CLEANUP(lockfile) struct lockfile *lock = NULL;
	CLEANUP(resolved) struct resolved r = {0};
	struct descriptor old = {0};
	struct werr *err = NULL;

	fixture_image(s, "a", "amd64", "then", &old);
	fixture_image(s, "a", "amd64", "now", NULL);
	o.lock = lock = lock_with("a", old.digest.text);
	assert_ok(resolve("init: [a]", &o, &r, &err), err);
	assert_string_equal(r.images[0]->descriptor.digest.text, old.digest.text);
	assert_string_equal(r.images[0]->name, "docker.io/library/a:latest");
	descriptor_cleanup(&old);
}

/* Of an index that is gone the manifest alone is as good. */
static void test_a_locked_manifest_stands_in_for_its_index(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct resolve_options o = options_for(s);
	CLEANUP(lockfile) struct lockfile *lock = NULL;
	CLEANUP(resolved) struct resolved r = {0};
	struct descriptor d = {0};
	struct werr *err = NULL;

	fixture_image(s, "a", "amd64", "a", &d);
	lock = lock_with("a", NOWHERE);
	free(lock->images[0].platforms);
	lock->images[0].platforms = mem_new(struct locked_platform);
	lock->images[0].platforms[0] = (struct locked_platform){o.platform, d.digest};
	lock->images[0].n = 1;
	o.lock = lock;
	assert_ok(resolve("init: [a]", &o, &r, &err), err);
	assert_string_equal(r.images[0]->descriptor.digest.text, d.digest.text);
	descriptor_cleanup(&d);
}

static void test_locks_that_do_not_hold(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct resolve_options o = options_for(s);
	CLEANUP(lockfile) struct lockfile *lock = lock_with("a", NOWHERE);
	CLEANUP(resolved) struct resolved r = {0}, unlocked = {0}, locked = {0};
	struct werr *err = NULL;

	fixture_image(s, "a", "amd64", "a", NULL);
	fixture_image(s, "b", "amd64", "b", NULL);
	o.lock = lock;
	assert_fails(resolve("init: [a]", &o, &r, &err), err, WERR_NOT_FOUND,
		"with the digest " NOWHERE ", which is not in the store; it has sha256:");
	/* What the lock file does not have is taken as it is, unless that is refused. */
	assert_ok(resolve("init: [b]", &o, &unlocked, &err), err);
	o.locked = true;
	assert_fails(resolve("init: [b]", &o, &locked, &err), err, WERR_NOT_FOUND,
		"image docker.io/library/b:latest is not in os.lock");
}

static void test_layouts(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct resolve_options o = options_for(s);
	CLEANUP(config)
	struct config *c = must_load("volumes: [{name: v, image: a, format: oci}]");
	CLEANUP(image_layout) struct image_layout *now = NULL, *then = NULL, *none = NULL;
	CLEANUP(lockfile) struct lockfile *lock = NULL;
	struct descriptor old = {0};
	struct werr *err = NULL;

	assert_fails(resolve_layout(c, c->volumes, &o, &none, &err), err, WERR_NOT_FOUND,
		"image docker.io/library/a:latest is not in the store");
	fixture_image(s, "a", "arm64", "then", &old);
	fixture_image(s, "a", "arm64", "now", NULL);
	assert_ok(resolve_layout(c, c->volumes, &o, &now, &err), err);
	assert_string_equal(now->name, "docker.io/library/a:latest");
	assert_string_not_equal(now->top.digest.text, old.digest.text);
	o.lock = lock = lock_with("a", old.digest.text);
	assert_ok(resolve_layout(c, c->volumes, &o, &then, &err), err);
	assert_string_equal(then->name, "docker.io/library/a:latest");
	assert_string_equal(then->top.digest.text, old.digest.text);
	descriptor_cleanup(&old);
}

static void test_lock_has_images_layouts_and_what_was_locked(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	struct resolve_options o = options_for(s);
	CLEANUP(config)
	struct config *c = must_load("init: [a, old]\nvolumes: [{name: v, image: b, format: oci}]");
	CLEANUP(lockfile) struct lockfile *before = lock_with("old", NOWHERE), *l = NULL;
	struct descriptor a = {0}, b = {0};
	struct werr *err = NULL;

	fixture_image(s, "a", "amd64", "a", &a);
	fixture_image(s, "b", "arm64", "b", &b);
	fixture_image(s, "old", "amd64", "old", NULL);
	o.lock = before;
	assert_ok(resolve_lock(c, &o, "new.lock", &l, &err), err);
	assert_int_equal(l->n, 3);
	assert_string_equal(
		lockfile_find(l, "docker.io/library/a:latest")->digest.text, a.digest.text);
	assert_string_equal(
		lockfile_find(l, "docker.io/library/b:latest")->digest.text, b.digest.text);
	/* A name that is locked stays at that, whatever the store has now. */
	assert_string_equal(lockfile_find(l, "docker.io/library/old:latest")->digest.text, NOWHERE);
	descriptor_cleanup(&a);
	descriptor_cleanup(&b);
}

static void test_a_lock_of_missing_images_reports_all(void **state)
{
	CLEANUP(store) struct store *s = fixture_store(*state, "s");
	const struct resolve_options o = options_for(s);
	CLEANUP(config)
	struct config *c =
		must_load("init: [gone]\nvolumes: [{name: v, image: lost, format: oci}]");
	struct lockfile *none = NULL;
	CLEANUP(werr) struct werr *err = NULL;

	assert_int_equal(resolve_lock(c, &o, "new.lock", &none, &err), werr_code(WERR_NOT_FOUND));
	assert_null(none);
	assert_int_equal(err->line, 1);
	assert_non_null(strstr(err->message, "gone"));
	assert_int_equal(err->next->line, 2);
	assert_non_null(strstr(err->next->message, "lost"));
	assert_null(err->next->next);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_images_are_found_in_order),
		TEST(test_all_that_lack_are_reported),
		TEST(test_a_locked_name_is_the_image_it_was),
		TEST(test_a_locked_manifest_stands_in_for_its_index),
		TEST(test_locks_that_do_not_hold),
		TEST(test_layouts),
		TEST(test_lock_has_images_layouts_and_what_was_locked),
		TEST(test_a_lock_of_missing_images_reports_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
