/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML text to a plan: the whole way up to the writing of outputs. There is one image, "i", which
 * has a kernel, a user, and a label. Files of the machine, packages and the network are not there.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "buf-writer.h"
#include "plan/plan.h"
#include "oci/manifest.h"

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

static void put(const char *p, size_t size, const char *media_type, struct descriptor *ret)
{
	must(store_put(store, p, size, ret, NULL));
	ret->media_type = str_dup(media_type);
}

static void put_config(const struct buf *layer, struct descriptor *ret)
{
	char key[] = "org.mobyproject.config";
	char label[] = "{\"binds\": [\"/etc:/x:ro\"], \"capabilities\": [\"CAP_CHOWN\"], \"net\": "
		       "\"host\"}";
	struct annotation labels[] = {{key, label}};
	struct digest digest;
	size_t size;
	struct image_config c = {.labels = labels, .n_labels = 1, .user = (char[]){"user"}};
	CLEANUP(free) char *text = NULL;

	must(platform_parse("linux/amd64", &c.platform, NULL));
	digest_of(layer->data, layer->len, &digest);
	strv_add(&c.diff_ids, digest.text);
	strv_add(&c.entrypoint, "/kernel");
	text = image_config_write(&c, &size);
	put(text, size, MEDIA_OCI_CONFIG, ret);
	strv_clear(&c.diff_ids);
	strv_clear(&c.entrypoint);
}

static void write_layer(struct buf *layer)
{
	static const struct {
		const char *path, *text; /* NULL: a folder */
	} files[] = {{"kernel", ""}, {"kernel.tar", ""}, {"ucode.cpio", ""}, {"etc", NULL},
		{"etc/passwd", "user:x:7:8::/:/kernel\n"}, {"etc/group", "user:x:8:\n"}};
	struct buf_writer to = BUF_WRITER(layer);
	CLEANUP(archiver) struct archiver *w = archiver_new_tar(&to.writer);

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const char *text = files[i].text;
		CLEANUP(reader) struct reader *r = text ? mem_reader_new(text, strlen(text)) : NULL;
		struct tree_meta meta = {.mode = text ? S_IFREG | 0644 : S_IFDIR | 0755};
		struct archive_member e = {
			.path = files[i].path, .meta = &meta, .size = text ? strlen(text) : 0};

		must(w->add(w, &e, r, NULL));
	}
	must(w->finish(w, NULL));
}

static void put_image(void)
{
	CLEANUP(buf) struct buf layer = BUF_INIT(1 << 20);
	CLEANUP(manifest) struct manifest *m = mem_new(struct manifest);
	CLEANUP(free) char *text = NULL;
	struct descriptor d = {0};
	size_t size;

	write_layer(&layer);
	m->media_type = str_dup(MEDIA_OCI_MANIFEST);
	m->items = mem_new(struct descriptor);
	m->n = 1;
	put(layer.data, layer.len, MEDIA_OCI_LAYER, &m->items[0]);
	put_config(&layer, &m->config);
	text = manifest_write(m, &size);
	put(text, size, MEDIA_OCI_MANIFEST, &d);
	must(store_set_name(store, "docker.io/library/i:latest", &d, NULL));
	descriptor_cleanup(&d);
}

static void open_store(void)
{
	const char *shm = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	must(file_temp_dir(shm, "wherry-fuzz", &dir, NULL));
	must(store_open(&store, dir, NULL));
	atexit(close_store);
	put_image();
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
