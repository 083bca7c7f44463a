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
	.items = {{"kernel"}, {"kernel.tar"}, {"ucode.cpio"}, {"etc", '5'},
		{"etc/passwd", 0, "user:x:7:8::/:/kernel\n"}, {"etc/group", 0, "user:x:8:\n"}},
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
	return 0;
}
