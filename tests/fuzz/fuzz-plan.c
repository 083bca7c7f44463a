/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML text becomes a plan, up to the point where outputs are written. There is one image, "i",
 * with a kernel, a user and a label. Files of the machine, packages and the network are not
 * available.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "plan/plan.h"
#include "plan/image-maker.h"
#include "plan/whole.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *dir; /* of the store */
static struct store *store;

static void close_store(void)
{
	store_free(store);
	file_remove_all(dir, NULL);
	free(dir);
}

static void must(int r)
{
	if (r < 0)
		abort();
}

/* clang-format off */
static const struct sample_image image = {
	.name = "docker.io/library/i:latest",
	.items = {{"kernel"}, {"ucode.cpio"}, {"etc", '5'},
		{"etc/passwd", 0, "user:x:7:8::/:/kernel\n"}, {"etc/group", 0, "user:x:8:\n"},
		{"lib", '2', "usr/lib"}, {"usr/lib/a"}, {"usr/lib/b", '1', "usr/lib/a"}},
	.modules = {{"lib/modules/6/x.ko"}},
	.entrypoint = "/kernel",
	.user = "user",
	.label = "{\"binds\": [\"/etc:/x:ro\"], \"capabilities\": [\"CAP_CHOWN\"], "
		 "\"net\": \"host\"}",
};
/* clang-format on */

static void open_store(void)
{
	const char *shm = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	must(file_temp_dir(shm, "wherry-fuzz", &dir, NULL));
	must(store_open(&store, dir, NULL));
	atexit(close_store);
	must(sample_image_put(store, &image, NULL));
}

/* A file of the machine would be read. */
static bool has_source(const struct config *c)
{
	for (size_t i = 0; i < c->n_files; i++)
		if (c->files[i].kind == FILE_SOURCE)
			return true;
	return false;
}

/* Parts that were planned without a mistake have keys, and can be merged or not. */
static void load(const struct plan *p)
{
	CLEANUP(part_content) struct part_content content = {0};
	CLEANUP(werr) struct werr *err = NULL;
	char key[SHA256_HEX + 1];

	for (size_t i = 0; i < p->n; i++)
		if (!part_key(p, &p->parts[i], key))
			abort();
	if (plan_load_whole(p, &content, &err) < 0 && !err)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_text text = {"fuzz.yml", (const char *)data, size};
	struct resolve_options images = {0};
	struct plan_options options = {.sbom = "sbom.spdx.json"};
	CLEANUP(config) struct config *c = NULL;
	CLEANUP(plan) struct plan *plan = NULL;
	CLEANUP(werr) struct werr *warnings = NULL;
	CLEANUP(werr) struct werr *err = NULL;
	struct config_options loading = {.platform = &images.platform, .warnings = &warnings};

	if (!store)
		open_store();
	images.store = store;
	must(platform_parse("linux/amd64", &images.platform, NULL));
	if (config_load_texts(&text, 1, &loading, &c, &err) < 0 ||
		plan_make(&plan, c, &images, &options, &err) < 0 ||
		plan_load_kernel(plan, &err) < 0) {
		if (!err)
			abort();
		return 0;
	}
	if (!plan->n)
		abort();
	if (!has_source(c))
		load(plan);
	return 0;
}
